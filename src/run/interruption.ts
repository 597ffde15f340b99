import type { PlannedStep } from '../model/plan.ts'

/** One node about to be interrupted by one step. */
export interface Interruption {
  readonly node: string
  readonly planned: PlannedStep
  /** What happens to it, as a clause. */
  readonly what: string
  readonly signal: AbortSignal
}

/** Keeps a cluster from losing more than one of its nodes. */
export interface Guard {
  /**
   * Resolves when the node may be interrupted: it is its turn, and it serves nobody or all others are healthy and stay so.
   * Stops the cluster and rejects where that is not so; nothing has been interrupted then.
   */
  admit(interruption: Interruption): Promise<void>
  /** The node is done with its part of the phase. */
  leave(node: string): void
}
