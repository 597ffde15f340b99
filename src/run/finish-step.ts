import { ConnectError } from '../model/error.ts'
import type { ReportedError } from '../model/event.ts'
import type { Task } from '../model/module.ts'
import type { Outcome, SkipReason } from '../model/outcome.ts'
import type { PlannedStep } from '../model/plan.ts'
import { refOf, type AttemptResult } from './attempt.ts'
import { diagnose } from './diagnose.ts'
import { debtOf } from './intent.ts'
import { reportError } from './report-error.ts'
import type { Run } from './run.ts'
import type { TargetRun } from './target-run.ts'

/** How a step ended. */
export interface Ending {
  readonly planned: PlannedStep
  /** When it was started, on the run's clock. */
  readonly started: number
  readonly result?: AttemptResult
  readonly error?: unknown
  /** What was to be done; none where that could not be worked out. */
  readonly task?: Task | undefined
  /** The target that did the work for this one. */
  readonly sharedWith?: string | undefined
}

/** Gives a (step, target) its one outcome: on disk, in the events, and in what the target does next. */
export async function finishStep(run: Run, on: TargetRun, ending: Ending): Promise<Outcome> {
  const { planned, started, result, error, sharedWith } = ending
  const target = on.target.name
  const outcome = outcomeOf(ending)
  const ignored = error !== undefined && planned.step.ignoreFailure === true
  if (outcome !== 'skipped') await run.journal.write({ type: 'outcome', step: planned.id, target, outcome })
  if (result !== undefined) rememberResult(run, on, { planned, result, outcome })
  if (error !== undefined && !ignored) {
    halt(on, outcome)
    run.failed.add(on)
  }
  const reported = error === undefined ? undefined : await report(run, on, { ...ending, ignored })
  run.emit({
    type: 'step.finished',
    ...refOf(planned),
    target,
    outcome,
    duration: run.clock.now() - started,
    changes: outcome === 'changed' ? (result?.changes ?? []) : [],
    ...(result?.proof === undefined || outcome !== 'changed' ? {} : { proof: result.proof }),
    ...(outcome === 'skipped' ? { reason: 'unpredictable' as const } : {}),
    ...(reported === undefined ? {} : { error: reported }),
    ...(ignored ? { ignored } : {}),
    ...(sharedWith === undefined ? {} : { sharedWith }),
  })
  return outcome
}

/** The error, and where what the node had to say was put, for a failure that stands. */
async function report(
  run: Run,
  on: TargetRun,
  { planned, task, error, ignored }: Ending & { readonly ignored: boolean },
): Promise<ReportedError> {
  const reported = reportError(error)
  const place = task === undefined || ignored ? undefined : await diagnose(run, on, { planned, task, error })
  if (place === undefined) return reported
  return { ...reported, hint: reported.hint === undefined ? place : `${reported.hint}; ${place}` }
}

function outcomeOf({ result, error, sharedWith }: Ending): Outcome {
  if (error instanceof ConnectError) return 'unreachable'
  if (error !== undefined || result === undefined) return 'failed'
  if (result.unpredictable === true) return 'skipped'
  return result.changed && sharedWith === undefined ? 'changed' : 'ok'
}

function rememberResult(run: Run, on: TargetRun, { planned, result, outcome }: Remembered): void {
  const { register, notify = [] } = planned.step
  const isForeseen = result.unpredictable !== true && result.proof !== 'predicted'
  if (register !== undefined && isForeseen) on.results.set(register, result.facts)
  if (register !== undefined && !isForeseen) on.unforeseen.add(register)
  // Another target’s prediction is this one’s, too.
  if (result.proof === 'predicted') run.predictions.add(on.target)
  if (outcome === 'changed') for (const handler of notify) on.notified.add(debtOf(planned, handler))
}

interface Remembered {
  readonly planned: PlannedStep
  readonly result: AttemptResult
  readonly outcome: Outcome
}

function halt(on: TargetRun, outcome: Outcome): void {
  on.halted = 'after-failure'
  on.failure = outcome === 'unreachable' ? 'unreachable' : 'failed'
  if (on.failure === 'failed') on.failures += 1
}

/** Gives a (step, target) that is not run its outcome. */
export function skipStep(
  run: Run,
  on: TargetRun,
  { planned, reason }: { readonly planned: PlannedStep; readonly reason: SkipReason },
): Outcome {
  run.emit({
    type: 'step.finished',
    ...refOf(planned),
    target: on.target.name,
    outcome: 'skipped',
    duration: 0,
    changes: [],
    reason,
  })
  return 'skipped'
}
