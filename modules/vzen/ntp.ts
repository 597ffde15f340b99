import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { answerList } from './answer-list.ts'
import { planConversation, wordingParam } from './conversation.ts'
import { DATE, isOff, parseDrift, renderDrift, type Drift } from './drift.ts'
import { parseStatus, STATUS } from './services.ts'

/** Where the appliance gets its time from. */
interface NtpFacts extends Drift {
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
    within: z
      .number()
      .positive()
      .default(60)
      .meta({ description: 'Seconds the clock may be off from the runner’s before ntpd is started again' }),
    ...wordingParam,
  }),
  absent: { servers: [], enabled: false, serving: false, drift: 0, uncertainty: 0 },
  settle: { within: 120, every: 2 },

  async read({ connection, clock, signal }): Promise<NtpFacts> {
    const ssh = await connection.ssh({ signal })
    const before = clock.now()
    const { configuration, setting, status, date } = await ssh.query(
      {
        date: DATE,
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
      ...parseDrift(date, [before, clock.now()]),
    }
  },

  diff({ servers, enabled, ...drift }, params): readonly Change[] {
    const changes: Change[] = []
    if ([...servers].sort().join() !== [...params.servers].sort().join())
      changes.push({ path: 'NTP servers', from: servers, to: params.servers })
    if (!enabled) changes.push({ path: 'ntpd_enable', from: 'NO', to: 'YES' })
    if (isOff(drift, params.within)) {
      const to = `at most ${params.within} seconds off`
      changes.push({ path: 'clock', from: renderDrift(drift), to })
    }
    return changes
  },

  async apply({ connection, params: { servers, wording }, signal }) {
    const ssh = await connection.ssh({ signal })
    const answers = answerList('NTP server', servers)
    const dialogue = planConversation({ command: 'enable-ntpd', wording, answers })
    await ssh.converse(sh`vzen enable-ntpd`, { signal, sudo: true, dialogue })
  },

  disruptive: (_changes, _params, { serving }) =>
    serving ? 'starting ntpd restarts the service' : undefined,
})
