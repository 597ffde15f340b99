import type { ZiaEndpoint } from '../../model/endpoint.ts'
import type { ActivationStatus } from './resource.ts'

/**
 * Whose edits wait for an activation. ZIA says only that some wait; it activates all of a tenant's or none, and by itself
 * when a legacy session ends that has staged some: at its log-out, or five idle minutes after its last call. So this is
 * judged, from what the session has edited, and from what the last run has kept on disk:
 *
 * - `nothing`: ZIA is ACTIVE, or makes somebody else's edits active just now. Anybody may edit and nobody has to activate.
 * - `ours`: this session's, or those of an earlier run from here whose session cannot have ended yet. Nobody else's were
 *   seen. They are added to, and activated.
 * - `mixed`: the same, but somebody else's were seen with them, before the first edit or after it.
 * - `unsure`: an earlier run's from here, unless its session has ended, which has activated them: then these are somebody
 *   else's.
 * - `others`: somebody else's alone. They are nobody's business where nothing is to be written: an activation is none.
 *
 * Where the inventory does not let others' edits go live with ours, the last three stop the first edit, before anything is
 * staged beside them, and `mixed` and `unsure` the activation.
 */
export interface Pending {
  readonly status: ActivationStatus
  readonly whose: 'nothing' | 'ours' | 'mixed' | 'unsure' | 'others'
  /** Whether the inventory forbids to stage anything beside them, and to activate them. */
  readonly isRefused: boolean
  /** What waits, as the beginning of a sentence; empty where nothing does. */
  readonly words: string
}

/** By the digests of their selections, what the runs were to do that have staged something for a failure domain; empty where nobody knows. */
export type StagedBy = readonly (readonly [domain: string, selection: string])[]

/** What a run keeps on disk of its edits as long as nobody has activated them. */
export interface Staged {
  /** When the session was used last, at least; on the run's clock. */
  readonly at: number
  /** Whether somebody else's were seen with them. */
  readonly mixed: boolean
  /** The failure domains that they are for. */
  readonly domains: readonly string[]
  /** Who has staged them. Where it is absent, what kept it is older, and nobody knows of any of the domains. */
  readonly by?: StagedBy | undefined
}

/** Remembers, from run to run, that edits of ours wait for an activation. It is read anew each time. */
export interface StagedMark {
  /** The digest of what this run is to do; where absent, no other run is known to do the same. */
  readonly selection?: string | undefined
  read(): Promise<Staged | undefined>
  /** Resolves when it is on disk. */
  write(staged: Staged | undefined): Promise<void>
}

/** What pending edits are judged by. */
export interface Circumstances {
  readonly staged: Staged | undefined
  /** Milliseconds since the session that staged them was used, at most. */
  readonly age: number
  readonly login: ZiaEndpoint['login']['kind']
  readonly others: 'refuse' | 'include'
}

const MINUTE = 60_000

/** A legacy session lapses after so many idle minutes where the tenant has no other setting, whose most is 20. */
const LAPSE = 5 * MINUTE

/**
 * Milliseconds for which edits are surely, and for which they are possibly, those that were staged. The end of a token
 * activates nothing, but somebody else may have since, so that an hour is as far as a memory is trusted alone.
 */
const TRUST = {
  legacy: { sure: LAPSE, possible: 20 * MINUTE },
  oneapi: { sure: 60 * MINUTE, possible: Infinity },
} as const

/** Judges whose the edits are that a session which has staged nothing itself finds. */
export function judgePending(status: ActivationStatus, circumstances: Circumstances): Pending {
  const { staged, others } = circumstances
  const whose = judge(status, circumstances)
  return pendingOf({ status, whose, others }, staged?.at)
}

function judge(status: ActivationStatus, { staged, age, login }: Circumstances): Pending['whose'] {
  if (status === 'ACTIVE') return 'nothing'
  const { sure, possible } = TRUST[login]
  const isOurs = staged !== undefined && age < sure
  if (status === 'INPROGRESS') return isOurs ? 'ours' : 'nothing'
  if (isOurs) return staged.mixed ? 'mixed' : 'ours'
  return staged !== undefined && age < possible ? 'unsure' : 'others'
}

/** Puts a judgement in words; `since` is when a run before this one has staged its part. */
export function pendingOf(
  { status, whose, others }: Pick<Pending, 'status' | 'whose'> & { readonly others: Circumstances['others'] },
  since?: number,
): Pending {
  const isForeign = whose === 'mixed' || whose === 'unsure' || whose === 'others'
  const run = since === undefined ? 'this run' : `the run from here at ${renderMoment(since)}`
  const words = {
    nothing: '',
    ours: `changes of ${run} are pending in ZIA`,
    mixed: `somebody else has changes pending in ZIA, beside those of ${run}`,
    unsure: `changes are pending in ZIA that may be those of ${run}, or somebody else’s`,
    others: 'somebody else has changes pending in ZIA',
  }
  return { status, whose, isRefused: isForeign && others === 'refuse', words: words[whose] }
}

/** What becomes of pending edits that nobody activates, in a clause; `used` is when the session was used last. */
export function describeFate(login: Circumstances['login'], used: number): string {
  if (login === 'oneapi') return 'all that is pending stays so until somebody activates it'
  const time = renderMoment(used + LAPSE).slice(-5)
  return `ZIA activates all that is pending by itself when this session lapses, at ${time} if the run ends now`
}

/** What can be done about others' pending edits. */
export const ALONGSIDE =
  'see in the Admin Portal whose they are, have them activated or discarded, and run the same command again; or let them go live with ours: --set activateOthers=true'

/** A moment as the clock on the wall shows it: `2026-11-22 02:05`. */
function renderMoment(time: number): string {
  const date = new Date(time)
  return `${date.toLocaleDateString('sv')} ${date.toTimeString().slice(0, 5)}`
}
