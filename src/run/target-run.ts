import { ModuleError } from '../model/error.ts'
import type { Handle, Results } from '../model/handle.ts'
import type { Outcome, SkipReason } from '../model/outcome.ts'
import type { Target } from '../model/target.ts'
import type { Guard } from './interruption.ts'

/** One target on its way through a run: what it found out, and why it does nothing more. */
export interface TargetRun {
  readonly target: Target
  /** The lane of failure it belongs to. */
  readonly lane: string
  readonly results: Map<Handle<unknown>, unknown>
  /** What check mode cannot find out, because a change that it only predicts comes first. */
  readonly unforeseen: Set<Handle<unknown>>
  /** Handlers that were notified and have not run, by the names they are owed under. */
  readonly notified: Set<string>
  /** Asked before the target is interrupted; none where the phase has no rule about that. */
  guard: Guard | undefined
  /** What the lane will owe from the target’s next change on: the gate behind its batch. */
  gateDebt: string | undefined
  /** The step that last began to change something, by its id. */
  begun: string | undefined
  /** Why nothing more is done; `undefined` while all is well. */
  halted: SkipReason | undefined
  /** How it failed, where it did. */
  failure: Extract<Outcome, 'failed' | 'unreachable'> | undefined
  /** Number of steps that failed and that no rescue has made up for. */
  failures: number
}

/** Starts a target on its way. */
export function createTargetRun(target: Target, lane: string): TargetRun {
  return {
    target,
    lane,
    results: new Map(),
    unforeseen: new Set(),
    notified: new Set(),
    guard: undefined,
    gateDebt: undefined,
    begun: undefined,
    halted: undefined,
    failure: undefined,
    failures: 0,
  }
}

/** How later steps of a target read what earlier ones registered. */
export function resultsOf({ results, target }: TargetRun): Results {
  return (from) => {
    if (!results.has(from)) {
      throw new ModuleError(
        `${target.name} has no result “${from.name}”: the step that registers it did not run`,
        {
          hint: 'run it too: widen --tags, or start at an earlier step',
        },
      )
    }
    return results.get(from) as never
  }
}
