import { setMaxListeners } from 'node:events'

import type { Clock } from '../model/clock.ts'
import type { Connections } from '../model/connections.ts'
import { AbortError, messageOf } from '../model/error.ts'
import type { Emit } from '../model/event.ts'
import type { Operator } from '../model/operator.ts'
import type { Recap } from '../model/outcome.ts'
import type { Plan } from '../model/plan.ts'
import { describeDemands } from '../plan/describe-demands.ts'
import { createDesk } from './desk.ts'
import type { Journal } from './journal.ts'
import { keepRecords } from './keep-records.ts'
import type { Ledger } from './ledger.ts'
import { createLimits } from './limit.ts'
import { createPredictions } from './predictions.ts'
import { runPlan } from './run-plan.ts'
import type { Run, RunSettings } from './run.ts'
import { createTally } from './tally.ts'
import { createTwins } from './twins.ts'

/** Everything a run needs that it does not make itself. */
export interface Execution extends RunSettings {
  readonly id: string
  readonly emit: Emit
  readonly clock: Clock
  readonly connections: Connections
  readonly operator: Operator
  readonly journal: Journal
  readonly ledger: Ledger
  /** Aborted when nothing new may start; its reason names the signal. */
  readonly draining: AbortSignal
  /** Aborted when what is running has to end, too. */
  readonly aborting: AbortSignal
  /** Present where the systems are the lab's. */
  readonly lab?: { readonly scale: number } | undefined
}

/**
 * Executes a plan: the only place where something happens. Every (step, target) ends in one outcome, also after an abort.
 * Throws, after everything has ended and was told, where something could not be put on disk.
 */
export async function executePlan(plan: Plan, execution: Execution): Promise<Recap> {
  const { clock, id } = execution
  const stopped = new AbortController()
  const draining = AbortSignal.any([execution.draining, stopped.signal])
  // Every step under way listens; that is not a leak.
  setMaxListeners(0, draining, execution.aborting)
  let broken: unknown
  const { journal, ledger } = keepRecords(execution, (error) => {
    broken ??= error
    // Not the error itself: whoever waits was interrupted, and only who has met it tells of it.
    stopped.abort(new AbortError(messageOf(error), { cause: error }))
  })
  const tally = createTally(plan.targets.map(({ name }) => name))
  const started = clock.now()
  const startedOnWall = performance.now()
  const emit: Emit = (event) => {
    tally.report({ ...event, time: 0 })
    execution.emit(event)
  }
  const run: Run = {
    ...execution,
    emit,
    journal,
    ledger,
    draining,
    limits: createLimits(),
    twins: createTwins(),
    desk: createDesk({ operator: execution.operator, emit }),
    predictions: createPredictions(),
    whole: listWhole(plan),
    failed: new Set(),
    diagnosis: plan.diagnosis,
    diagnosed: new Map(),
    targets: new Map(plan.targets.map((target) => [target.name, target])),
  }
  const tellInterrupted = (): void => emit({ type: 'run.interrupted', signal: messageOf(draining.reason) })

  emit(describeRun(plan, execution))
  if (draining.aborted) tellInterrupted()
  draining.addEventListener('abort', tellInterrupted, { once: true })
  try {
    await journal.write({ type: 'run', run: id, runbook: plan.runbook, inventory: plan.inventory })
    await runPlan(run, plan)
  } finally {
    draining.removeEventListener('abort', tellInterrupted)
  }
  const recap = tally.recap({ interrupted: draining.aborted })
  const wall = Math.round(performance.now() - startedOnWall)
  const notes = execution.connections.leftovers()
  emit({ type: 'run.finished', run: id, duration: clock.now() - started, wall, recap, notes })
  if (broken !== undefined) throw broken
  return recap
}

/** By connection, the domains of which nothing is left out. Worked out once: every look of every step is told. */
function listWhole({ domains, leftOut }: Plan): Run['whole'] {
  const names = domains.map(({ name }) => name)
  const whole = new Map<string, readonly string[]>(
    Object.entries(leftOut).map(([connection, left]) => [
      connection,
      names.filter((name) => !left.includes(name)),
    ]),
  )
  return (connection) => whole.get(connection) ?? names
}

function describeRun(plan: Plan, { id, check, forks, lab }: Execution): Parameters<Emit>[0] {
  return {
    type: 'run.started',
    run: id,
    runbook: plan.runbook,
    inventory: plan.inventory,
    mode: check ? 'check' : 'apply',
    lab: lab === undefined ? undefined : { scale: lab.scale },
    forks,
    targets: plan.targets.map(({ name, level, cluster }) => ({ name, level, cluster })),
    phases: plan.phases.map(({ id: phase, number, name, per }) => ({ id: phase, number, name, per })),
    steps: plan.pairs,
    notes: [...(check ? [] : describeDemands(plan.demands)), ...plan.cautions],
  }
}
