import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { outputOf } from './answer.ts'
import { DATE, isOff, parseDrift, renderDrift, type Drift } from './drift.ts'

/** Checks the appliance’s clock: the service is very sensitive to one that drifts. */
export const clock = defineModule({
  name: 'vzen/clock',
  summary: 'The clock of the appliance is right',
  connection: 'appliance',
  params: z.strictObject({
    within: z.number().positive().default(60).meta({ description: 'Seconds it may be off' }),
    warnAbove: z.number().positive().default(2).meta({ description: 'Seconds from which it is mentioned' }),
  }),

  async read({ connection, params, clock, signal, warn }): Promise<Drift> {
    const ssh = await connection.ssh({ signal })
    const before = clock.now()
    const { date } = await ssh.query({ date: DATE }, { signal })
    outputOf(date, 'date')
    const found = parseDrift(date, [before, clock.now()])
    if (isOff(found, params.warnAbove) && !isOff(found, params.within))
      warn(`the clock of the appliance is ${renderDrift(found)}`)
    return found
  },

  diff(found, { within }): readonly Change[] {
    if (!isOff(found, within)) return []
    const to = `at most ${within} seconds off`
    return [{ path: 'clock', from: renderDrift(found), to, note: 'give it its own NTP servers' }]
  },

  hint: () =>
    'name NTP servers that it reaches in the inventory, as `ntp` of its network, and set them: `runbook deploy --tags ntp`',
})
