import { ACCOUNT } from '../../appliance.ts'
import { RC_CONF, renderSetting } from '../../disk/rc-conf.ts'
import { parseIpv4 } from '../../ipv4.ts'
import { engineOf } from '../../snmp/agent.ts'
import { planKeys } from '../../snmp/usm.ts'
import type { Channel, SnmpUser } from '../../state.ts'
import { WORDING } from '../../wording.ts'
import { ask, askChoice, askList, askValue, askWhether } from './question.ts'
import type { SubcommandCall, Subcommands } from './subcommand.ts'

const CHANNELS: readonly Channel[] = ['ca', 'cds', 'smsm']
const SNMP_CONF = '/usr/local/etc/snmpd.conf'
const NTP_CONF = '/etc/ntp.conf'
const DEFAULT_NTP = ['0.freebsd.pool.ntp.org', '1.freebsd.pool.ntp.org']

/** Net-SNMP refuses shorter ones. */
const SECRET_LENGTH = 8

const required = (text: string): string | undefined =>
  /^[\w.@-]{1,32}$/.test(text) ? undefined : 'Please re-enter a username\n'

async function askSecret(call: SubcommandCall): Promise<string> {
  for (;;) {
    const secret = await ask(call, WORDING.snmpPassword, true)
    if (secret.length < SECRET_LENGTH) call.stdout.write(WORDING.snmpShort)
    else if (!call.appliance.dialect.asksPasswordTwice) return secret
    else if ((await ask(call, WORDING.snmpPasswordAgain, true)) === secret) return secret
    else call.stdout.write(WORDING.snmpMismatch)
  }
}

async function askUser(call: SubcommandCall, current: string): Promise<SnmpUser> {
  const user = await askValue(call, { subject: WORDING.snmpUser, current, problem: required })
  const secret = await askSecret(call)
  const auth = await askChoice(call, { subject: WORDING.snmpAuth, choices: ['MD5', 'SHA1'] })
  const privacy = await askChoice(call, { subject: WORDING.snmpPrivacy, choices: ['DES', 'AES'] })
  const engine = engineOf(call.appliance.machine.uuid)
  const { authKey } = planKeys(secret, { auth, privacy, engine })
  return { user, auth, privacy, authKey: authKey.toString('base64') }
}

/** `snmpd.conf` without secrets: net-snmp moves those into its own store as well. */
function renderSnmpConf({
  admin,
  trap,
}: {
  admin: SnmpUser | undefined
  trap: SnmpUser | undefined
}): string {
  const lines = []
  if (admin !== undefined)
    lines.push(`rouser ${admin.user} priv`, `# ${admin.user} ${admin.auth} ${admin.privacy}`)
  if (trap !== undefined) {
    lines.push(
      `trapsess -v 3 -u ${trap.user} -l authPriv -a ${trap.auth} -x ${trap.privacy} ${trap.receiver ?? ''}`,
    )
  }
  return lines.map((line) => `${line}\n`).join('')
}

async function saveSnmp({ appliance, stdout }: SubcommandCall): Promise<void> {
  appliance.disk.write(SNMP_CONF, { data: renderSnmpConf(appliance.state.snmp), as: 'root' })
  await appliance.save()
  stdout.write(WORDING.snmpDone)
}

function standardPort(isOn: boolean): Subcommands {
  return {
    [isOn ? 'enable-stdport' : 'disable-stdport']: {
      summary: `${isOn ? 'use' : 'do not use'} port 443 for ca, cds, smsm or all`,
      // The procedure writes one of the pair without sudo.
      privileged: isOn,
      async run(call) {
        const { appliance, stdout } = call
        let [name] = call.args
        while (name !== 'all' && !CHANNELS.some((channel) => channel === name)) {
          if (name !== undefined) stdout.write(WORDING.reenterChoice([...CHANNELS, 'all']))
          name = await ask(call, WORDING.subcommand)
        }
        const chosen = CHANNELS.filter((channel) => name === 'all' || channel === name)
        const { state } = appliance
        const others = state.standardPort.configured.filter((channel) => !chosen.includes(channel))
        const configured = CHANNELS.filter(
          (channel) => others.includes(channel) || (isOn && chosen.includes(channel)),
        )
        state.standardPort = { ...state.standardPort, configured }
        appliance.disk.write('/sc/conf/stdport.conf', {
          data: `stdport="${configured.join(' ')}"\n`,
          as: 'root',
        })
        await appliance.save()
        stdout.write(WORDING.standardPort(isOn, chosen.join(', ')))
        return 0
      },
    },
  }
}

/** Commands that tune what is installed. */
export const tuningSubcommands: Subcommands = {
  ...standardPort(true),
  ...standardPort(false),
  'snmp-admin-configure': {
    summary: 'configure the SNMPv3 user that may query',
    privileged: true,
    async run(call) {
      const { state } = call.appliance
      state.snmp.admin = await askUser(call, state.snmp.admin?.user ?? '')
      await saveSnmp(call)
      return 0
    },
  },
  'snmp-trap-configure': {
    summary: 'configure the receiver of SNMPv3 traps',
    privileged: true,
    async run(call) {
      const { state } = call.appliance
      await askChoice(call, { subject: WORDING.snmpTraps, choices: ['v3'] })
      const receiver = await askValue(call, {
        subject: WORDING.snmpReceiver,
        current: state.snmp.trap?.receiver ?? '',
        problem: (text) => (parseIpv4(text) === undefined ? WORDING.reenterAddress : undefined),
      })
      state.snmp.trap = { ...(await askUser(call, state.snmp.trap?.user ?? '')), receiver }
      await saveSnmp(call)
      return 0
    },
  },
  'delay-upgrade': {
    summary: 'start updates at HH:MM UTC',
    privileged: true,
    async run({ args: [time = ''], appliance, stdout }) {
      if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)) {
        stdout.write(WORDING.badTime)
        return 1
      }
      appliance.state.delayUpgrade = time
      await appliance.save()
      stdout.write(WORDING.delayed(time))
      return 0
    },
  },
  'enable-ntpd': {
    summary: 'configure time servers and start ntpd',
    privileged: true,
    async run(call) {
      const { appliance, stdout } = call
      const { disk, state } = appliance
      const before =
        disk.stat(NTP_CONF)?.data ?? DEFAULT_NTP.map((name) => `server ${name} iburst\n`).join('')
      const servers = await askList(call, {
        subject: WORDING.ntpServer,
        entries: [...before.matchAll(/^server (\S+)/gm)].map(([, name]) => name ?? ''),
        problem: (text) => (/^[\w.-]{1,253}$/.test(text) ? undefined : WORDING.reenterHostname),
      })
      const isStarted = await askWhether(call, WORDING.startNtpd, 'yes')
      disk.write(NTP_CONF, { data: servers.map((name) => `server ${name} iburst\n`).join(''), as: 'root' })
      const data = renderSetting(disk.read(RC_CONF, 'root'), { name: 'ntpd_enable', value: 'YES' })
      disk.write(RC_CONF, { data, as: 'root' })
      if (isStarted) state.driftMs = 0
      await appliance.save()
      if (isStarted) stdout.write('Starting ntpd.\n')
      return 0
    },
  },
  'disable-ntpd': {
    summary: 'stop ntpd',
    privileged: true,
    async run({ appliance: { disk, save }, stdout }) {
      const data = renderSetting(disk.read(RC_CONF, 'root'), { name: 'ntpd_enable', value: 'NO' })
      disk.write(RC_CONF, { data, as: 'root' })
      await save()
      stdout.write('Stopping ntpd.\n')
      return 0
    },
  },
  'enforce-password-complexity': {
    summary: `require a strong password of ${ACCOUNT}; the current one expires`,
    privileged: false,
    async run({ appliance, stdout }) {
      appliance.state.complexity = true
      appliance.state.passwordExpired = true
      await appliance.save()
      stdout.write('Password complexity enforced. The current password has expired.\n')
      return 0
    },
  },
}
