import { z } from 'zod'

import { defineModule, TimeoutError, type ActivationStatus, type Change } from '#sdk'

/** Seconds between two looks, and until patience ends: other administrators' edits can hold an activation up. */
const EVERY = 5
const WITHIN = 600

/** Activates every staged change of the tenant, also those of others: an activation knows no owner. */
export const activation = defineModule({
  name: 'zia/activation',
  summary: 'All changes in ZIA are activated',
  connection: 'zia',
  params: z.strictObject({}),
  absent: { status: 'PENDING' as ActivationStatus },
  follows: true,

  async read({ connection }) {
    return { status: await connection.status() }
  },

  diff({ status }): readonly Change[] {
    if (status === 'ACTIVE') return []
    return [
      {
        path: 'status',
        from: status,
        to: 'ACTIVE',
        note: 'activates the staged changes of the whole tenant',
      },
    ]
  },

  async apply(context) {
    const { connection, facts, clock, signal } = context
    const until = clock.now() + WITHIN * 1000
    let status = facts.status === 'INPROGRESS' ? facts.status : await connection.activate()
    for (let isFirst = true; status !== 'ACTIVE'; isFirst = false) {
      if (isFirst && status === 'PENDING')
        context.warn('the activation waits for another administrator’s open edits')
      if (clock.now() >= until) {
        throw new TimeoutError(`the activation is still ${status} after ${WITHIN / 60} minutes`, {
          hint: 'another administrator has edits open: have them activate or discard these, or a super admin force the activation in the Admin Portal',
        })
      }
      await clock.sleep(EVERY * 1000, { signal })
      status = await connection.status()
    }
  },
})
