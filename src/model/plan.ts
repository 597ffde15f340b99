import type { Demand } from './demand.ts'
import type { Level } from './level.ts'
import type { ConnectionKind } from './module.ts'
import type { Diagnosis, Rolling } from './runbook.ts'
import type { Step } from './step.ts'
import type { Target } from './target.ts'

/** What of a runbook, and against what, is to run. */
export interface Selection {
  /** `--tags`; all where absent. */
  readonly tags?: readonly string[] | undefined
  readonly skipTags?: readonly string[] | undefined
  /** `--limit`; everything where absent. */
  readonly limit?: string | undefined
  /** `--start-at`: the name or id of a step. */
  readonly startAt?: string | undefined
}

/** A step with its place: expanded, selected, and with an id that stays the same from run to run. */
export interface PlannedStep {
  readonly kind: 'step'
  /** `7/the-network-is-configured`. */
  readonly id: string
  readonly name: string
  /** Id of its phase. */
  readonly phase: string
  /** Own and inherited. */
  readonly tags: readonly string[]
  readonly step: Step
  /** Names of the targets for which its own, its blocks' and its phase's conditions hold. */
  readonly applies: ReadonlySet<string>
}

export interface PlannedBlock {
  readonly kind: 'block'
  readonly name: string
  readonly steps: readonly PlannedItem[]
  readonly rescue: readonly PlannedItem[]
  readonly always: readonly PlannedItem[]
}

export type PlannedItem = PlannedStep | PlannedBlock

/** Some targets of one lane that go through the phase together, and the gate that follows them. */
export interface PlannedBatch {
  readonly targets: readonly Target[]
  /**
   * Steps that must hold, for the lane's own target, before the next batch; none where there is no next one, unless the phase
   * watches the health of the cluster.
   */
  readonly gate: readonly PlannedStep[]
}

/** What one failure domain does in one phase. */
export interface PlannedLane {
  /** Name of the cluster, the site, or the estate. */
  readonly name: string
  readonly target: Target
  readonly batches: readonly PlannedBatch[]
}

export interface PlannedPhase {
  /** `7`, or a slug where the phase has no number. */
  readonly id: string
  readonly number: number | undefined
  readonly name: string
  readonly per: Level
  readonly tags: readonly string[]
  readonly rolling: Rolling | undefined
  readonly items: readonly PlannedItem[]
  readonly handlers: readonly PlannedStep[]
  readonly lanes: readonly PlannedLane[]
}

/** By connection, the failure domains of which a run leaves out something that would be changed through it. */
export type LeftOut = Readonly<Partial<Record<ConnectionKind, readonly string[]>>>

/** Everything that will be looked at or done, before anything is: a value that can be printed, counted and compared. */
export interface Plan {
  readonly runbook: string
  readonly summary: string
  readonly inventory: string
  readonly selection: Selection
  readonly phases: readonly PlannedPhase[]
  /** Every cluster and site and the estate: what can fail by itself. */
  readonly domains: readonly Target[]
  /** What the selection leaves of them undone. */
  readonly leftOut: LeftOut
  /** The same for every run of the same runbook, nodes, tags and first step, and for no other. */
  readonly selectionDigest: string
  /** Every target that at least one step runs against, in inventory order. */
  readonly targets: readonly Target[]
  /** Number of (step, target) pairs. */
  readonly pairs: number
  /** What all steps together may ask of systems that count calls, by what the allowance is for. */
  readonly demands: readonly Demand[]
  /** What is done for a node of which a step has failed. */
  readonly diagnosis: Diagnosis | undefined
  /** What an operator has to know before it is run, in sentences. */
  readonly cautions: readonly string[]
}
