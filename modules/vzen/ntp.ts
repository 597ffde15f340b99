import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { answerList } from './answer-list.ts'
import { FAILURES, NTP } from './prompts.ts'
import { parseStatus, STATUS } from './services.ts'

/** Where the appliance gets its time from. */
interface NtpFacts {
  readonly servers: readonly string[]
  readonly enabled: boolean
  /** Whether the service runs, which starting ntpd would restart. */
  readonly serving: boolean
}

/** Makes the appliance take its time from one’s own servers: it is very sensitive to a clock that drifts. */
export const ntp = defineModule({
  name: 'vzen/ntp',
  summary: 'The appliance takes its time from the planned servers',
  connection: 'appliance',
  params: z.strictObject({
    servers: z.array(z.string().min(1)).min(1).meta({ description: 'NTP servers, by address or name' }),
  }),
  absent: { servers: [], enabled: false, serving: false },
  settle: { within: 30, every: 2 },

  async read({ connection, signal }): Promise<NtpFacts> {
    const ssh = await connection.ssh({ signal })
    const { configuration, setting, status } = await ssh.query(
      {
        configuration: sh`cat /etc/ntp.conf`,
        setting: sh`grep ^ntpd_enable= /etc/rc.conf`,
        status: STATUS,
      },
      { signal, sudo: true },
    )
    const servers = [...configuration.output.matchAll(/^\s*(?:server|pool)\s+(\S+)/gm)].map(
      ([, name = '']) => name,
    )
    return {
      servers: configuration.code === 0 ? servers : [],
      enabled: /"?YES"?\s*$/i.test(setting.output),
      serving: parseStatus(status.output).SME === 'running',
    }
  },

  diff({ servers, enabled }, params): readonly Change[] {
    const changes: Change[] = []
    if ([...servers].sort().join() !== [...params.servers].sort().join())
      changes.push({ path: 'NTP servers', from: servers, to: params.servers })
    if (!enabled) changes.push({ path: 'ntpd_enable', from: 'NO', to: 'YES' })
    return changes
  },

  async apply({ connection, params: { servers }, signal }) {
    const ssh = await connection.ssh({ signal })
    const rules = [
      ...answerList('NTP server', { prompts: NTP.servers, wanted: servers }),
      { name: 'whether to start ntpd', prompt: NTP.start, answer: 'y' },
    ]
    await ssh.converse(sh`vzen enable-ntpd`, {
      signal,
      sudo: true,
      dialogue: { rules, failures: FAILURES, successes: [] },
    })
  },

  disruptive: (_changes, _params, { serving }) =>
    serving ? 'starting ntpd restarts the service' : undefined,
})
