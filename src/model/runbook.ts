import type { Levels, Scope, Schema } from './inventory.ts'
import type { Level } from './level.ts'
import type { Task } from './module.ts'
import type { Standing } from './standing.ts'
import type { Block, Hold, Item, Step, StepOptions, TaskOf } from './step.ts'

/** How many nodes of a cluster at a time: a count, a percentage, or a list of them of which the last repeats. */
export type Batch = number | `${number}%` | readonly (number | `${number}%`)[]

/** What tells whether a node of a cluster that serves may be interrupted. */
export interface Health<L extends Levels = Levels> {
  /** A module that reads how every member of the cluster stands, those that a run is not limited to included. */
  readonly task: (scope: Scope<L, 'cluster'>) => Task<readonly Standing[]>
  /** How steadily all other members have to be healthy before one is interrupted. */
  readonly hold: Hold
  /** Seconds that a member which was interrupted, in this run or an earlier one, may take until it is healthy again. */
  readonly within: number
}

/** How a phase goes through the nodes of one cluster. */
export interface Rolling<L extends Levels = Levels> {
  readonly batch: Batch
  /** How many at a time of those that serve nobody yet, which go first; joins whole batches, and needs `health`. */
  readonly fresh?: Batch
  /**
   * Asked before a step interrupts a node: one node of a cluster at a time, and only while all others are healthy. Asked
   * before the first batch, too: nodes that serve nobody go first, the one that leads goes last. With it, the gate is asked
   * behind the last batch as well, where that changed something and the cluster served somebody before.
   */
  readonly health?: Health<L>
  /** How many nodes of a cluster may have failed (unreachable ones and those of earlier phases included) before it stops. Default 0. */
  readonly maxFailed?: number
}

/** Makes the steps of a phase, typed for the level it runs per. */
export interface StepKit<L extends Levels, V extends Level> {
  step<F>(this: void, name: string, task: TaskOf<L, V, F>, options?: StepOptions<L, V, F>): Step<L, V>
  block(
    this: void,
    name: string,
    parts: Pick<Block<L, V>, 'steps' | 'rescue' | 'always'>,
    options?: Pick<Block<L, V>, 'tags' | 'when'>,
  ): Block<L, V>
}

/** Steps that run together over the same scope, with their own tags and rolling rules. */
export interface Phase<L extends Levels = Levels, V extends Level = Level> {
  /** The documented number, where the procedure has one. */
  readonly number?: number
  readonly name: string
  readonly per: V
  readonly tags?: readonly string[]
  readonly when?: (scope: Scope<L, V>) => boolean
  readonly rolling?: Rolling<L>
  readonly steps: readonly Item<L, V>[]
  /** Steps that run after the others where one that notified them changed something; in this order, once. */
  readonly handlers: readonly Step<L, V>[]
  /**
   * Steps that must hold for the whole cluster after each batch that changed something, before the next one starts; behind the
   * last one, too, where the phase watches the health of a cluster that serves.
   */
  readonly gate: readonly Step<L, 'cluster'>[]
}

/** A phase as it is written: steps, handlers and gate are made by functions, so that their types follow from `per`. */
export interface PhaseDefinition<L extends Levels, V extends Level> extends Omit<
  Phase<L, V>,
  'steps' | 'handlers' | 'gate'
> {
  readonly steps: (kit: StepKit<L, V>) => readonly Item<L, V>[]
  readonly handlers?: (kit: StepKit<L, V>) => readonly Step<L, V>[]
  readonly gate?: (kit: StepKit<L, 'cluster'>) => readonly Step<L, 'cluster'>[]
}

/** What brings home what a node has to say for itself, and says in which file that is. */
export type Diagnosis<L extends Levels = Levels> = (
  scope: Scope<L, 'node'>,
) => Task<{ readonly file: string }>

/** An ordered list of phases: what an operator runs. */
export interface Runbook<L extends Levels = Levels> {
  readonly kind: 'runbook'
  readonly name: string
  readonly summary: string
  readonly schema: Schema<L>
  readonly phases: readonly Phase<L>[]
  /**
   * Done for a node, once in a run, where a step over the same kind of connection has failed, or a check has found something
   * about that node. Changes nothing of what became of the step, whose error says where the file is.
   */
  readonly diagnosis?: Diagnosis<L> | undefined
}
