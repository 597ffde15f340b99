/**
 * What the appliance says where the documents show no text. In the style of its family: `field (label) [current]: `,
 * lists with c/d/n, one line for a bad value and the same question again.
 */
export const WORDING = {
  listed: (field: string, value: string) =>
    `${field}:${value} (Options <c:change, d:delete, n:no change>) [n] `,
  another: (field: string) => `Do you wish to add a new ${field}? <n:no y:yes> [n]: `,
  value: (field: string, { label, current }: { readonly label: string; readonly current: string }) =>
    `${field} (${label}) [${current}]: `,
  atLeastOne: (field: string) => `Atleast one entry required for ${field}\n`,
  reenterMask: 'Please re-enter netmask after IP address: (Ex.1.2.3.4/24)\n',
  reenterAddress: 'Please re-enter a valid IP address: (Ex.1.2.3.4)\n',
  reenterGateway: 'Please re-enter a gateway in the subnet of the interface\n',
  reenterHostname: 'Please re-enter a valid hostname\n',
  reenterChoice: (choices: readonly string[]) => `Please re-enter one of: ${choices.join(', ')}\n`,
  applied: 'Successfully Applied Changes\n',
  /** A question that no document mentions; a fault asks it. */
  unknown: 'Select the traffic profile of this edge <1-4>: ',

  needsRoot: 'Permission denied. Run this command with sudo.\n',
  absolutePath: 'Please specify the absolute path of the certificate bundle.\n',
  badBundle: (path: string) => `Failed to extract certificates from ${path}\n`,
  keyMismatch: 'Certificate and private key do not match\n',
  certificateInstalled: 'Certificates successfully installed\n',
  noCertificate: 'Failed to read SSL Certificate\n',

  notInstalled: 'Virtual Service Edge build is not installed. Run download-build first.\n',
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

  snmpUser: { field: 'snmp_user', label: 'SNMPv3 username' },
  snmpPassword: 'SNMPv3 password: ',
  snmpShort: 'Password must have at least 8 characters\n',
  snmpAuth: { field: 'snmp_auth', label: 'Authentication protocol: MD5/SHA1' },
  snmpPrivacy: { field: 'snmp_priv', label: 'Encryption method: DES/AES' },
  snmpTraps: { field: 'snmp_trap', label: 'Which traps do you want to configure: v3' },
  snmpReceiver: { field: 'trap_receiver', label: 'IP address of the SNMP trap receiver' },
  snmpDone: 'SNMP configuration updated\n',
  startNtpd: 'Do you wish to start ntpd now? <n:no y:yes> [y]: ',

  conflict: (mac: string, address: string) => `arp: ${mac} is using my IP address ${address} on em0!`,
  coalesced: 'em2: 2 link states coalesced',
  halted: '\n\nThe operating system has halted.\nPlease press any key to reboot.\n\n',
  expired: 'WARNING: Your password has expired.\nYou must change your password now and login again!\n',
  noTty: 'Password change required but no TTY available.\n',
} as const
