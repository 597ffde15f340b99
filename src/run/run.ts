import type { Clock } from '../model/clock.ts'
import type { Connections } from '../model/connections.ts'
import type { Emit } from '../model/event.ts'
import type { ConnectionKind } from '../model/module.ts'
import type { Diagnosis } from '../model/runbook.ts'
import type { Target } from '../model/target.ts'
import type { Desk } from './desk.ts'
import type { Journal } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { Limits } from './limit.ts'
import type { Predictions } from './predictions.ts'
import type { TargetRun } from './target-run.ts'
import type { Twins } from './twins.ts'

/** How a run treats what it finds; fixed before it starts. */
export interface RunSettings {
  /** Read and compare only. */
  readonly check: boolean
  /** Ask before each step. */
  readonly step: boolean
  /** Do not ask before a disruptive change. */
  readonly yes: boolean
  /** How many targets may be worked on at once. */
  readonly forks: number
  /** Folder of what this run leaves behind; none where it leaves nothing. */
  readonly folder?: string | undefined
}

/** What every part of a run in progress shares. */
export interface Run extends RunSettings {
  readonly id: string
  readonly emit: Emit
  readonly clock: Clock
  readonly connections: Connections
  readonly desk: Desk
  readonly limits: Limits
  readonly journal: Journal
  readonly ledger: Ledger
  readonly twins: Twins
  readonly predictions: Predictions
  /** The failure domains, clusters and whatever is above them, of which this run leaves out nothing through a connection. */
  readonly whole: (connection: ConnectionKind) => readonly string[]
  /** Targets that have failed; one that was rescued since has no failure any more. */
  readonly failed: Set<TargetRun>
  /** What is done for a node of which a step has failed, and where that has put its file, by node. */
  readonly diagnosis: Diagnosis | undefined
  readonly diagnosed: Map<string, Promise<string | undefined>>
  /** The targets that at least one step runs against, by name. */
  readonly targets: ReadonlyMap<string, Target>
  /** Aborted when nothing new may start. Waits end with it. */
  readonly draining: AbortSignal
  /** Aborted when what is running has to end, too. */
  readonly aborting: AbortSignal
}
