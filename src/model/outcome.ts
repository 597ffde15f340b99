/** What became of one (step, target). */
export const OUTCOMES = ['ok', 'changed', 'failed', 'unreachable', 'skipped'] as const

export type Outcome = (typeof OUTCOMES)[number]

/** Why a (step, target) was skipped. */
export type SkipReason =
  /** Its own, its block's or its phase's condition does not hold. */
  | 'condition'
  /** An earlier step of the same target failed. */
  | 'after-failure'
  /** Its cluster stopped because too many of its nodes failed, or a gate did not hold. */
  | 'cluster-stopped'
  /** It is the rescue of a block in which nothing failed. */
  | 'not-needed'
  /** It is the gate between nodes that went together, for none of them served anybody. */
  | 'together'
  /** It is the gate behind the last nodes of a cluster that served nobody before them. */
  | 'unserved'
  /** It is a gate, and nothing was changed since it held last. */
  | 'unchanged'
  /** Its outcome cannot be known before the changes above it are made. */
  | 'unpredictable'
  /** Nothing notified this handler. */
  | 'not-notified'
  /** The user said no. */
  | 'declined'
  /** The run was interrupted. */
  | 'interrupted'

/** How far the effect of an apply is known. */
export type Proof =
  /** Read back, and nothing differs. */
  | 'proven'
  /** Cannot be read back; kept in the engine's record. */
  | 'recorded'
  /** Check mode: nothing was applied. */
  | 'predicted'

/** The counters of one target, in Ansible's words. */
export interface Counters {
  readonly ok: number
  readonly changed: number
  readonly unreachable: number
  readonly failed: number
  readonly skipped: number
  readonly rescued: number
  readonly ignored: number
}

/** The counters of every target, in inventory order, and the exit code that follows from them. */
export interface Recap {
  readonly targets: readonly ({ readonly target: string } & Counters)[]
  readonly exitCode: 0 | 2 | 4 | 130
}
