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

const isSetting = ({ path }: Change): boolean => SETTINGS.some(([name]) => name === path)

/** Switches the SNMP agent on, before its users are configured. */
export const snmpAgent = defineModule({
  name: 'vzen/snmp-agent',
  summary: 'The SNMP agent runs, and starts with the appliance',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { enabled: false, configuration: undefined, running: false, serving: false },
  settle: { within: 30, every: 2 },

  async read({ connection, signal }): Promise<AgentFacts> {
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
    }
  },

  diff({ enabled, configuration, running }): readonly Change[] {
    const changes: Change[] = []
    if (!enabled) changes.push({ path: 'snmpd_enable', from: 'NO', to: 'YES' })
    if (configuration !== CONFIGURATION)
      changes.push({ path: 'snmpd_conffile', from: configuration, to: CONFIGURATION })
    if (!running) changes.push({ path: 'snmpd', from: 'not running', to: 'running' })
    return changes
  },

  async apply({ connection, facts, changes, signal }) {
    const ssh = await connection.ssh({ signal })
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
    if (facts.serving && changes.some(isSetting))
      outputOfResult(await ssh.run(sh`vzen restart`, { signal, sudo: true, timeout: 600 }), 'vzen restart')
  },

  disruptive: (changes, _params, { serving }) =>
    serving && changes.some(isSetting) ? 'the Virtual Service Edge restarts' : undefined,
})
