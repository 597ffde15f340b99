import { z } from 'zod'

import {
  defineModule,
  ModuleError,
  TimeoutError,
  type ActivationStatus,
  type Change,
  type Pending,
} from '#sdk'

/** Seconds between two looks, and until patience ends: other administrators' edits can hold an activation up. */
const EVERY = 5
const WITHIN = 600

/** What waits for an activation, and what waited before this run's first change. */
interface Staged {
  readonly status: ActivationStatus
  readonly before: Pending
  /** Whether everything of this run's is active, whatever others have changed since. */
  readonly done: boolean
}

/**
 * Activates every staged change of the tenant, also those of others: an activation knows no owner. Where somebody else had
 * changes pending before this run's first one, it is refused unless `others` says that theirs may go with ours.
 */
export const activation = defineModule({
  name: 'zia/activation',
  summary: 'All changes in ZIA are activated',
  connection: 'zia',
  params: z.strictObject({
    others: z
      .enum(['refuse', 'include'])
      .default('refuse')
      .meta({ description: 'What becomes of changes that somebody else had pending before this run' }),
  }),
  absent: { status: 'PENDING', before: 'nothing', done: false },
  follows: true,

  async read({ connection, warn }): Promise<Staged> {
    const status = await connection.status()
    const done = connection.isActivated()
    if (status !== 'PENDING') return { status, before: 'nothing', done }
    if (done) warn('somebody has changed something in ZIA since: it waits for an activation of its own')
    return { status, before: await connection.pendingBefore(), done }
  },

  diff({ status, before, done }): readonly Change[] {
    if (status === 'ACTIVE' || (done && status === 'PENDING')) return []
    const note =
      before === 'others'
        ? 'activates the staged changes of the whole tenant; somebody else had some before this run'
        : 'activates the staged changes of the whole tenant'
    return [{ path: 'status', from: status, to: 'ACTIVE', note }]
  },

  async apply(context) {
    const { connection, facts, params, clock, signal } = context
    if (facts.before === 'others' && params.others === 'refuse') {
      throw new ModuleError(
        'somebody else had changes pending in ZIA before this run, and ZIA activates all or none',
        {
          hint: 'have them activate or discard theirs in the Admin Portal and run the same command again, or let theirs go with ours: --set activateOthers=true',
        },
      )
    }
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

  demands: () => [{ quota: 'POST /status/activate', perHour: 40, calls: 1, seconds: 1 }],

  caution:
    'ZIA activates by itself what a run has staged: when another administrator activates, and when a legacy API session ends, five idle minutes after a run was killed or cut off',
})
