import type { Change } from './change.ts'
import type { Level } from './level.ts'
import type { Outcome, Proof, Recap, SkipReason } from './outcome.ts'
import type { Progress } from './progress.ts'

/** What an error looks like in an event: plain, bounded, redacted. */
export interface ReportedError {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  /** What a command printed, where one did. */
  readonly output?: string | undefined
  /** Only for bugs of ours. */
  readonly stack?: string | undefined
}

/** A step as events name it. */
export interface StepRef {
  /** Stable over runs: `7/the-network-is-configured`. */
  readonly step: string
  readonly name: string
  readonly phase: string
}

interface Base<T extends string> {
  readonly type: T
  /** Milliseconds since the epoch, of the run's clock. */
  readonly time: number
}

/** First event of every run: what is about to happen, in numbers. */
export interface RunStarted extends Base<'run.started'> {
  readonly run: string
  readonly runbook: string
  readonly inventory: string
  readonly mode: 'apply' | 'check'
  readonly lab: { readonly scale: number } | undefined
  readonly forks: number
  /** In inventory order. */
  readonly targets: readonly {
    readonly name: string
    readonly level: Level
    readonly cluster?: string | undefined
  }[]
  readonly phases: readonly {
    readonly id: string
    readonly number?: number | undefined
    readonly name: string
    readonly per: Level
  }[]
  /** Number of (step, target) pairs; each ends in exactly one `step.finished`. */
  readonly steps: number
  /** What an operator has to know before it begins: what it asks for at most, and what may happen by itself. */
  readonly notes?: readonly string[] | undefined
}

/** A failure domain (a cluster, a site, or the estate) enters a phase. */
export interface PhaseStarted extends Base<'phase.started'> {
  readonly phase: string
  readonly name: string
  readonly lane: string
  readonly targets: readonly string[]
}

export interface PhaseFinished extends Base<'phase.finished'> {
  readonly phase: string
  readonly lane: string
  readonly failed: number
}

/** A rolling phase starts its next nodes. `index` counts from 1. */
export interface BatchStarted extends Base<'batch.started'> {
  readonly phase: string
  readonly lane: string
  readonly index: number
  readonly of: number
  readonly targets: readonly string[]
}

export interface StepStarted extends Base<'step.started'>, StepRef {
  readonly target: string
}

/** What the step is about to change, or would; before anything is changed. */
export interface StepDiffed extends Base<'step.diffed'>, StepRef {
  readonly target: string
  readonly changes: readonly Change[]
}

export interface StepProgressed extends Base<'step.progressed'>, StepRef {
  readonly target: string
  readonly progress: Progress
}

/** The step waits; `reason` says for which limit, lock, answer or effect, in words. */
export interface StepWaiting extends Base<'step.waiting'>, StepRef {
  readonly target: string
  readonly kind: 'limit' | 'twin' | 'person' | 'settle' | 'retry' | 'hold' | 'turn' | 'health' | 'diagnosis'
  readonly reason: string
}

/** An attempt failed and another will follow. */
export interface StepRetried extends Base<'step.retried'>, StepRef {
  readonly target: string
  readonly attempt: number
  readonly of: number
  readonly error: ReportedError
}

export interface StepWarned extends Base<'step.warned'>, StepRef {
  readonly target: string
  readonly message: string
}

/** The one outcome of one (step, target). */
export interface StepFinished extends Base<'step.finished'>, StepRef {
  readonly target: string
  readonly outcome: Outcome
  /** Milliseconds. */
  readonly duration: number
  readonly changes: readonly Change[]
  readonly proof?: Proof | undefined
  readonly reason?: SkipReason | undefined
  readonly error?: ReportedError | undefined
  /** The failure does not count: the step says so. */
  readonly ignored?: boolean | undefined
  /** Another target did the work for this one. */
  readonly sharedWith?: string | undefined
}

/** A block failed and its rescue succeeded. */
export interface TargetRescued extends Base<'target.rescued'> {
  readonly target: string
  readonly block: string
  /** Number of failed steps that the rescue made up for. */
  readonly steps: number
}

/** A failure domain starts nothing new. */
export interface LaneStopped extends Base<'lane.stopped'> {
  readonly lane: string
  readonly phase: string
  readonly reason: string
}

/** What went over a connection; only with `-v`: 1 the commands, 2 their output, 3 the wire. */
export interface WireTraced extends Base<'wire.traced'> {
  readonly level: 1 | 2 | 3
  readonly system: string
  readonly text: string
}

/** A person is being asked; whatever draws on the screen makes room until `operator.answered`. */
export interface OperatorAsked extends Base<'operator.asked'> {
  readonly target: string | undefined
  readonly title: string
  readonly lines: readonly string[]
}

export interface OperatorAnswered extends Base<'operator.answered'> {
  readonly title: string
  readonly answer: string
}

/** The user interrupted the run: nothing new starts. */
export interface RunInterrupted extends Base<'run.interrupted'> {
  readonly signal: string
}

/** Last event of every run. */
export interface RunFinished extends Base<'run.finished'> {
  readonly run: string
  /** Milliseconds of the run's clock. */
  readonly duration: number
  /** Milliseconds that passed on the wall; less than `duration` in the lab. */
  readonly wall: number
  readonly recap: Recap
  /** What of it is left behind and may take effect later, a sentence each. */
  readonly notes?: readonly string[] | undefined
}

/** Everything that can happen in a run: plain data, past tense, JSON-serialisable; the engine's only output. */
export type Event =
  | RunStarted
  | PhaseStarted
  | PhaseFinished
  | BatchStarted
  | StepStarted
  | StepDiffed
  | StepProgressed
  | StepWaiting
  | StepRetried
  | StepWarned
  | StepFinished
  | TargetRescued
  | LaneStopped
  | WireTraced
  | OperatorAsked
  | OperatorAnswered
  | RunInterrupted
  | RunFinished

/** An event before the bus stamps it with the time. */
export type Unstamped<E extends Event = Event> = E extends Event ? Omit<E, 'time'> : never

/** How the engine says that something happened. */
export type Emit = (event: Unstamped) => void
