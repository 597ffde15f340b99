import type { Outcome } from '../../model/outcome.ts'
import type { Progress } from '../../model/progress.ts'

/** What a target is doing right now. */
export interface ActiveStep {
  readonly target: string
  readonly name: string
  /** Milliseconds of the run's clock. */
  readonly since: number
  readonly progress: Progress | undefined
  /** What it waits for, in words. */
  readonly waiting: string | undefined
}

/** A failure domain: a cluster, a site, or the estate. */
export interface Lane {
  readonly name: string
  readonly since: number
  /** The phase it is in; none between two. */
  phase: string | undefined
  /** How many phases it has left behind. */
  phases: number
  stopped: boolean
  /** Nothing more is to come. */
  through: boolean
  /** In the order of the inventory, as far as it has been announced. */
  readonly targets: Set<string>
  readonly active: Map<string, ActiveStep>
  readonly counts: Record<Outcome, number>
}

/** A lane that has not done anything yet. */
export function createLane({
  name,
  since,
  targets,
}: Pick<Lane, 'name' | 'since'> & { readonly targets: Iterable<string> }): Lane {
  return {
    name,
    since,
    phase: undefined,
    phases: 0,
    stopped: false,
    through: false,
    targets: new Set(targets),
    active: new Map(),
    counts: { ok: 0, changed: 0, failed: 0, unreachable: 0, skipped: 0 },
  }
}
