import type { Consent } from './consent.ts'
import type { Handle, Results } from './handle.ts'
import type { Levels, Scope } from './inventory.ts'
import type { Level } from './level.ts'
import type { Task } from './module.ts'
import type { HumanTask } from './operator.ts'

/** Tries again after a failure. `attempts` counts every execution, the first included. Seconds of the run's clock. */
export interface Retry<F = unknown> {
  readonly attempts: number
  readonly delay: number
  /** Begins no attempt later than so long after the first one: attempts are no bound where each of them may hang. */
  readonly within?: number
  /** Tries again, too, while this does not hold for what the step found out. */
  readonly until?: (facts: F) => boolean
}

/** A check that has to hold for a while: in `samples` of up to `of` looks, `every` so many seconds of the run's clock. */
export interface Hold {
  readonly samples: number
  readonly of: number
  readonly every: number
}

/** Everything about a step but its name and its task. */
export interface StepOptions<L extends Levels = Levels, V extends Level = Level, F = unknown> {
  readonly tags?: readonly string[]
  /** Skips the step for targets where it does not hold. Looks at the inventory only, so a plan can show it. */
  readonly when?: (scope: Scope<L, V>) => boolean
  readonly retry?: Retry<F>
  /** What the step finds, or has made, has to hold for a while; one look is enough where absent. One that does not hold is an attempt that failed. */
  readonly hold?: Hold
  /** Seconds that the step may take in all, retries included. */
  readonly timeout?: number
  readonly register?: Handle<F>
  /** Names of handlers of the same phase to run after it where this step changed something. */
  readonly notify?: readonly string[]
  readonly ignoreFailure?: boolean
  /** Runs once for all targets of the run that mean the same system and give it the same params; the others share its outcome. */
  readonly once?: boolean
  /** A person does it; the task, a check, then verifies what the person did. */
  readonly confirm?: (scope: Scope<L, V>) => HumanTask
  /** Has a person agree, by typing a text, before the step changes anything; `given` where that was done already. */
  readonly consent?: (scope: Scope<L, V>) => Consent | 'given'
}

/** What a step does to one target. With a second parameter it is decided at run time, from what earlier steps found. */
export type TaskOf<L extends Levels = Levels, V extends Level = Level, F = unknown> = (
  scope: Scope<L, V>,
  results: Results,
) => Task<F>

/** One task with a name, tags and rules. */
export interface Step<L extends Levels = Levels, V extends Level = Level, F = unknown> extends StepOptions<
  L,
  V,
  F
> {
  readonly kind: 'step'
  readonly name: string
  readonly task: TaskOf<L, V, F>
}

/** Steps that share tags and conditions, with what to do when one of them fails and what to do in any case. */
export interface Block<L extends Levels = Levels, V extends Level = Level> {
  readonly kind: 'block'
  readonly name: string
  readonly tags?: readonly string[]
  readonly when?: (scope: Scope<L, V>) => boolean
  readonly steps: readonly Item<L, V>[]
  readonly rescue?: readonly Item<L, V>[]
  readonly always?: readonly Item<L, V>[]
}

export type Item<L extends Levels = Levels, V extends Level = Level> = Step<L, V> | Block<L, V>
