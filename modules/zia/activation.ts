import { z } from 'zod'

import {
  ALONGSIDE,
  defineModule,
  ModuleError,
  TimeoutError,
  type ApplyContext,
  type Change,
  type Pending,
  type ZiaWriter,
} from '#sdk'

import { STAGED } from './caution.ts'

/** Seconds between two looks, and until patience ends: other administrators' edits can hold an activation up. */
const EVERY = 5
const WITHIN = 600

/** What waits for an activation. */
interface Facts {
  readonly pending: Pending
  /** Clusters for which something waits. */
  readonly staged: readonly string[]
  /** Clusters for which something is staged and half of which may go live, and why: they failed in this run, or another command has left them and they are not wholly part of this run. */
  readonly half: readonly string[]
}

const params = z.strictObject({
  failed: z.enum(['refuse', 'include']).default('refuse').meta({
    description:
      'What becomes of changes for clusters that have failed in this run, or that another command has left and this one does not do all of, which ZIA activates with the rest',
  }),
})

type Context = ApplyContext<ZiaWriter, z.output<typeof params>, Facts>

/** Whether there is something of ours, as far as anybody knows; what is somebody else's alone is nobody's business here. */
function isOurs({ whose }: Pending): boolean {
  return whose === 'ours' || whose === 'mixed' || whose === 'unsure'
}

/** Looks, again and again, until what is pending is as it is waited for. */
async function waitUntil(
  isDone: (pending: Pending) => boolean,
  { connection, clock, signal }: Context,
): Promise<Pending> {
  const until = clock.now() + WITHIN * 1000
  for (;;) {
    const pending = await connection.pending()
    if (isDone(pending)) return pending
    if (clock.now() >= until) {
      throw new TimeoutError(
        `the activation is still ${pending.status} after ${WITHIN / 60} minutes: ${connection.fate()}`,
        {
          hint: 'another administrator has edits open: have them activate or discard these, or a super admin force the activation in the Admin Portal',
        },
      )
    }
    await clock.sleep(EVERY * 1000, { signal })
  }
}

/** The limit that takes in all of what is staged, and nothing else; the estate is in whatever the limit. */
function scopeOf({ staged }: Facts, estate: string): string {
  const names = staged.filter((domain) => domain !== estate)
  return names.length === 0 ? '' : `--limit ${names.join(':')}, `
}

/**
 * Activates every staged change of the tenant: an activation knows no owner. Where somebody else's are among them it is
 * refused, unless the inventory lets them go live with ours, and so it is where a cluster is only half written. Where
 * nothing of ours is staged there is nothing to do, whoever else edits.
 */
export const activation = defineModule({
  name: 'zia/activation',
  summary: 'All changes in ZIA are activated',
  connection: 'zia',
  params,
  absent: {
    pending: { status: 'PENDING', whose: 'ours', isRefused: false, words: '' },
    staged: [],
    half: [],
  },
  follows: true,

  async read({ connection, failed = [], domains, warn }): Promise<Facts> {
    const pending = await connection.pending()
    if (pending.whose === 'others') {
      warn(`${pending.words}: it waits for an activation of its own, and nothing of ours is with it`)
    }
    const staged = connection.staged()
    const earlier = connection.stagedEarlier()
    const half = staged.flatMap((domain) => {
      if (failed.includes(domain)) return [`${domain} failed`]
      // An earlier run may have ended anywhere in it: only one that does the same, or all of it, can tell that nothing is missing.
      const isUnfinished = earlier.includes(domain) && domains?.includes(domain) === false
      return isUnfinished ? [`${domain} was left by an earlier run, is not wholly part of this one,`] : []
    })
    return { pending, staged, half }
  },

  diff({ pending, staged }): readonly Change[] {
    if (!isOurs(pending)) return []
    const whom =
      staged.length === 0 ? '' : `: ${staged.slice(0, 5).join(', ')}${staged.length > 5 ? ' and others' : ''}`
    const note = `activates the staged changes of the whole tenant${whom}`
    const words = pending.whose === 'ours' ? '' : `; ${pending.words}`
    return [{ path: 'status', from: pending.status, to: 'ACTIVE', note: `${note}${words}` }]
  },

  async apply(context) {
    const { connection, facts, params, target } = context
    if (facts.half.length > 0 && params.failed === 'refuse') {
      throw new ModuleError(
        `${facts.half.join(', ')} and may be half written, and ZIA activates all or none: ${connection.fate()}`,
        {
          hint: `see why, mend it, and run the very command again that has left it; if that does not do, all of it in one run: ${scopeOf(facts, target)}without --tags, --skip-tags or --start-at; or let what there is of it go live: --set activateFailed=true`,
        },
      )
    }
    const pending = await waitUntil(({ status }) => status !== 'INPROGRESS', context)
    if (!isOurs(pending)) return
    if (pending.isRefused) {
      throw new ModuleError(`${pending.words}, and ZIA activates all or none: ${connection.fate()}`, {
        hint: ALONGSIDE,
      })
    }
    if ((await connection.activate()) === 'PENDING') {
      context.warn('the activation waits for another administrator’s open edits')
    }
    await waitUntil((now) => !isOurs(now), context)
  },

  demands: () => [{ quota: 'POST /status/activate', perHour: 40, calls: 1, seconds: 1 }],

  caution: STAGED,
})
