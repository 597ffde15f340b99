import { z } from 'zod'

import { defineModule, ModuleError, sh, type Change } from '#sdk'

import { outputOf } from './answer.ts'

/** How far the appliance’s clock is from the run’s. */
interface ClockFacts {
  /** Seconds that it is ahead; negative where it is behind. */
  readonly drift: number
  /** Seconds by which that may be wrong: half of what the question took, and the second that `date` leaves out. */
  readonly uncertainty: number
}

/** Checks the appliance’s clock: the service is very sensitive to one that drifts. */
export const clock = defineModule({
  name: 'vzen/clock',
  summary: 'The clock of the appliance is right',
  connection: 'appliance',
  params: z.strictObject({
    within: z.number().positive().default(60).meta({ description: 'Seconds it may be off' }),
    warnAbove: z.number().positive().default(2).meta({ description: 'Seconds from which it is mentioned' }),
  }),

  async read({ connection, params, clock, signal, warn }): Promise<ClockFacts> {
    const ssh = await connection.ssh({ signal })
    const before = clock.now()
    const { date } = await ssh.query({ date: sh`date -u +%s` }, { signal })
    const after = clock.now()
    const seconds = Number.parseInt(outputOf(date, 'date').trim(), 10)
    if (!Number.isFinite(seconds))
      throw new ModuleError(`date printed “${date.output.trim()}”, which is no time`)
    const drift = Math.round(seconds + 0.5 - (before + after) / 2000)
    const uncertainty = Math.ceil((after - before) / 2000 + 0.5)
    const least = Math.abs(drift) - uncertainty
    if (least > params.warnAbove && least <= params.within)
      warn(`the clock of the appliance is ${Math.abs(drift)} seconds ${drift > 0 ? 'ahead' : 'behind'}`)
    return { drift, uncertainty }
  },

  diff({ drift, uncertainty }, { within }): readonly Change[] {
    if (Math.abs(drift) - uncertainty <= within) return []
    const from = `${Math.abs(drift)} seconds ${drift > 0 ? 'ahead' : 'behind'}`
    return [{ path: 'clock', from, to: `at most ${within} seconds off`, note: 'give it its own NTP servers' }]
  },
})
