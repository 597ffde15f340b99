import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'
import { parseStatus, STATUS } from './services.ts'

/** Whether the SNMP agent is on. */
interface AgentFacts {
  /** Whether it starts with the machine. */
  readonly enabled: boolean
  readonly configuration: string | undefined
  readonly running: boolean
  /** Whether the Virtual Service Edge runs, which takes part in SNMP from its next start on. */
  readonly serving: boolean
  /**
   * Whether its settings were changed from here and the Virtual Service Edge was not restarted since, as where a run ended in
   * between. The appliance cannot tell, so the engine remembers it, by the host key: a rebuilt appliance is another.
   */
  readonly owed: boolean
}

const CONFIGURATION = '/usr/local/etc/snmpd.conf'
const SETTINGS = [
  ['snmpd_enable', 'YES'],
  ['snmpd_conffile', CONFIGURATION],
] as const
const RC_CONF = '/etc/rc.conf'

function readSetting(text: string, name: string): string | undefined {
  return [...text.matchAll(new RegExp(`^\\s*${name}=(["']?)(.*?)\\1\\s*$`, 'gm'))].at(-1)?.[2]
}

// What is remembered: that a restart is still to come, and that none is.
const [OWED, DONE] = ['restart', 'done']

const isSetting = ({ path }: Change): boolean => SETTINGS.some(([name]) => name === path)

/** Whether the Virtual Service Edge is to be restarted: one that does not run takes the settings with its next start. */
const isRestarted = (changes: readonly Change[], { serving, owed }: AgentFacts): boolean =>
  serving && (owed || changes.some(isSetting))

/** Switches the SNMP agent on, before its users are configured. */
export const snmpAgent = defineModule({
  name: 'vzen/snmp-agent',
  summary: 'The SNMP agent runs, and starts with the appliance',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { enabled: false, configuration: undefined, running: false, serving: false, owed: false },
  settle: { within: 30, every: 2 },

  async read({ connection, signal, recall }): Promise<AgentFacts> {
    const ssh = await connection.ssh({ signal })
    const { settings, agent, status } = await ssh.query(
      { settings: sh`grep ^snmpd_ ${RC_CONF}`, agent: sh`service snmpd status`, status: STATUS },
      { signal, sudo: true },
    )
    return {
      enabled: readSetting(settings.output, 'snmpd_enable')?.toUpperCase() === 'YES',
      configuration: readSetting(settings.output, 'snmpd_conffile'),
      running: /\bis running\b/.test(agent.output),
      serving: parseStatus(status.output).SME === 'running',
      owed: recall(ssh.fingerprint) === OWED,
    }
  },

  diff({ enabled, configuration, running, serving, owed }): readonly Change[] {
    const changes: Change[] = []
    if (!enabled) changes.push({ path: 'snmpd_enable', from: 'NO', to: 'YES' })
    if (configuration !== CONFIGURATION)
      changes.push({ path: 'snmpd_conffile', from: configuration, to: CONFIGURATION })
    if (!running) changes.push({ path: 'snmpd', from: 'not running', to: 'running' })
    if (owed && serving)
      changes.push({ path: 'Virtual Service Edge', from: 'not restarted since', to: 'restarted' })
    return changes
  },

  async apply({ connection, facts, changes, signal, remember }) {
    const ssh = await connection.ssh({ signal })
    const restarts = isRestarted(changes, facts)
    // Before the first setting: once all are written, nothing on the appliance says that a restart is missing.
    if (restarts) await remember(ssh.fingerprint, OWED)
    for (const [name, value] of SETTINGS) {
      if (!changes.some(({ path }) => path === name)) continue
      const setting = `${name}="${value}"`
      // Where there is no sysrc, the last line of the file counts.
      const set = sh`sysrc ${`${name}=${value}`} || echo ${setting} >> ${RC_CONF}`
      outputOfResult(await ssh.run(set, { signal, sudo: true }), `setting ${name}`)
    }
    const start = changes.some(({ path }) => path === 'snmpd') ? sh`start` : sh`restart`
    outputOfResult(
      await ssh.run(sh`service snmpd ${start}`, { signal, sudo: true }),
      `service snmpd ${start.text}`,
    )
    if (!restarts) return
    outputOfResult(await ssh.run(sh`vzen restart`, { signal, sudo: true, timeout: 600 }), 'vzen restart')
    await remember(ssh.fingerprint, DONE)
  },

  disruptive: (changes, _params, facts) =>
    isRestarted(changes, facts) ? 'the Virtual Service Edge restarts' : undefined,
})
