import type { Dialect, Style } from './dialect.ts'

/** What a question is about, in the forms that the styles need. */
export interface Subject {
  /** Name of the setting. */
  readonly field: string
  /** What a person would call one of them. */
  readonly noun: string
  readonly label: string
}

/** How questions are put, and what answers a list takes. */
interface Manner {
  readonly listed: (subject: Subject, value: string) => string
  readonly another: (subject: Subject) => string
  readonly value: (subject: Subject, current: string) => string
  /** A question for yes or no, and what Enter means. */
  readonly whether: (question: string, usual: 'yes' | 'no') => string
  readonly keep: string
  readonly change: string
  readonly remove: string
}

const MANNERS: Readonly<Record<Style, Manner>> = {
  family: {
    listed: ({ field }, value) => `${field}:${value} (Options <c:change, d:delete, n:no change>) [n] `,
    another: ({ field }) => `Do you wish to add a new ${field}? <n:no y:yes> [n]: `,
    value: ({ field, label }, current) => `${field} (${label}) [${current}]: `,
    whether: (question, usual) => `${question}? <n:no y:yes> [${usual.slice(0, 1)}]: `,
    keep: 'n',
    change: 'c',
    remove: 'd',
  },
  plain: {
    listed: ({ noun }, value) => `${noun} ${value}: (k)eep, (c)hange or (d)elete? `,
    another: ({ noun }) => `Add another ${noun}? (yes/no) `,
    value: ({ label }, current) => `${label} [${current}]: `,
    whether: (question) => `${question}? (yes/no) `,
    keep: 'k',
    change: 'c',
    remove: 'd',
  },
  arrow: {
    listed: ({ noun }, value) => `${noun} ${value} (Options <1:keep, 2:change, 3:delete>) [1]: `,
    another: ({ noun }) => `Configure a new ${noun}? [y/N] `,
    value: ({ label }, current) => `Enter ${label} (now: ${current === '' ? 'none' : current}) > `,
    whether: (question, usual) => `${question}? ${usual === 'yes' ? '[Y/n]' : '[y/N]'} `,
    keep: '1',
    change: '2',
    remove: '3',
  },
}

const APPLIED: Readonly<Record<Style, string>> = {
  family: 'Successfully Applied Changes\n',
  plain: 'Network configuration saved.\n',
  arrow: 'Configuration complete.\n',
}

/** What an appliance says: the same for all, and what its style puts differently. */
export type Wording = typeof WORDING & Manner & { readonly applied: string }

/** The words of an appliance of this dialect. */
export function createWording({ style, colour }: Dialect): Wording {
  const manner = MANNERS[style]
  const words: Wording = { ...WORDING, ...manner, applied: APPLIED[style] }
  if (!colour) return words
  const bold = (prompt: string): string => `\u001b[1;33m${prompt.trimEnd()}\u001b[0m `
  return {
    ...words,
    listed: (subject, value) => bold(manner.listed(subject, value)),
    another: (subject) => bold(manner.another(subject)),
    value: (subject, current) => bold(manner.value(subject, current)),
    whether: (question, usual) => bold(manner.whether(question, usual)),
  }
}

/** What the appliance says where the documents show no text, in the style of its family. */
export const WORDING = {
  atLeastOne: (field: string) => `Atleast one entry required for ${field}\n`,
  reenterMask: 'Please re-enter netmask after IP address: (Ex.1.2.3.4/24)\n',
  reenterAddress: 'Please re-enter a valid IP address: (Ex.1.2.3.4)\n',
  reenterGateway: 'Please re-enter a gateway in the subnet of the interface\n',
  reenterHostname: 'Please re-enter a valid hostname\n',
  reenterChoice: (choices: readonly string[]) => `Please re-enter one of: ${choices.join(', ')}\n`,
  unapplied: 'Nothing was changed\n',
  chatter: 'Detected a VMware VM!!\nReading the current configuration...\n',
  noLease: 'No DHCP server answers on em0\n',
  noProxy: 'A proxy server cannot be checked before the network is configured\n',
  /** What sendmail has syslogd say of a host name without a domain. */
  unqualified: (host: string) =>
    `${host} sm-mta[652]: My unqualified host name (${host}) unknown; sleeping for retry`,
  /** A question that no document mentions; a fault asks it. */
  unknown: 'Select the traffic profile of this edge <1-4>: ',

  needsRoot: 'Permission denied. Run this command with sudo.\n',
  absolutePath: 'Please specify the absolute path of the certificate bundle.\n',
  badBundle: (path: string) => `Failed to extract certificates from ${path}\n`,
  keyMismatch: 'Certificate and private key do not match\n',
  certificateInstalled: 'Certificates successfully installed\n',
  noCertificate: 'Failed to read SSL Certificate\n',

  notInstalled: 'Virtual Service Edge build is not installed. Run download-build first.\n',
  downloading: 'Another download is in progress.\n',
  started: (name: string, pid: number) => `${name} service running with pid ${pid}\n`,
  stopped: (name: string) => `${name} service stopped\n`,
  absent: (name: string) => `${name} not installed\n`,

  nitroxFound: 'Cavium NITROX card found. Driver installed and configured.\n',
  nitroxMissing: 'No Cavium NITROX card found.\n',
  autostart: (on: boolean) => `Auto-start of VSE ${on ? 'enabled' : 'disabled'}\n`,
  delayed: (time: string) => `Upgrade will start at ${time} UTC\n`,
  badTime: 'Invalid time. Please use HH:MM in UTC 24-hour format (00:00-23:59).\n',
  subcommand: 'Enter one of the following subcmd <ca|cds|smsm|all>: ',
  standardPort: (on: boolean, channels: string) =>
    `Standard port ${on ? 'enabled' : 'disabled'} for ${channels}. Run 'vzen restart' for the change to take effect.\n`,

  nameserver: { field: 'nameserver', noun: 'DNS server', label: 'IP address of the nameserver' },
  ntpServer: { field: 'ntpserver', noun: 'NTP server', label: 'Address of the NTP server' },
  management: {
    field: 'ifconfig_em0',
    noun: 'management address',
    label: 'Management interface IP address with netmask',
  },
  managementAlone: {
    field: 'ifconfig_em0',
    noun: 'management address',
    label: 'Management interface IP address',
  },
  netmask: { field: 'netmask', noun: 'netmask', label: 'Netmask of the management interface' },
  gateway: { field: 'defaultrouter', noun: 'default gateway', label: 'Default gateway IP address' },
  host: { field: 'hostname', noun: 'hostname', label: 'Hostname of the Virtual Service Edge' },
  dhcp: 'Do you wish to use DHCP for the management interface',
  proxy: 'Do you require a proxy server configuration',
  apply: 'Do you wish to apply these changes',

  snmpUser: { field: 'snmp_user', noun: 'SNMP user', label: 'SNMPv3 username' },
  snmpPassword: 'SNMPv3 password: ',
  snmpPasswordAgain: 'Retype SNMPv3 password: ',
  snmpMismatch: 'Error: the passwords differ\n',
  snmpShort: 'Password must have at least 8 characters\n',
  snmpAuth: {
    field: 'snmp_auth',
    noun: 'authentication protocol',
    label: 'Authentication protocol: MD5/SHA1',
  },
  snmpPrivacy: { field: 'snmp_priv', noun: 'encryption method', label: 'Encryption method: DES/AES' },
  snmpTraps: { field: 'snmp_trap', noun: 'traps', label: 'Which traps do you want to configure: v3' },
  snmpReceiver: {
    field: 'trap_receiver',
    noun: 'trap receiver',
    label: 'IP address of the SNMP trap receiver',
  },
  snmpDone: 'SNMP configuration updated\n',
  startNtpd: 'Do you wish to start ntpd now',

  conflict: (mac: string, address: string) => `arp: ${mac} is using my IP address ${address} on em0!`,
  coalesced: 'em2: 2 link states coalesced',
  halted: '\n\nThe operating system has halted.\nPlease press any key to reboot.\n\n',
  expired: 'WARNING: Your password has expired.\nYou must change your password now and login again!\n',
  noTty: 'Password change required but no TTY available.\n',
} as const
