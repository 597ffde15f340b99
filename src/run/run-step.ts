import { setMaxListeners } from 'node:events'

import { AbortError, AuthError, ConnectError, InternalError, TimeoutError } from '../model/error.ts'
import type { Task } from '../model/module.ts'
import type { Outcome, SkipReason } from '../model/outcome.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { Retry } from '../model/step.ts'
import { parseParams, refOf, type AttemptResult } from './attempt.ts'
import { converge } from './converge.ts'
import { finishStep, skipStep } from './finish-step.ts'
import { reportError } from './report-error.ts'
import { runAction } from './run-action.ts'
import type { Run } from './run.ts'
import { resultsOf, type TargetRun } from './target-run.ts'
import { fingerprint } from './twins.ts'

/** Brings one step to its one outcome for one target. Never throws for what happens to the target. */
export async function runStep(run: Run, on: TargetRun, planned: PlannedStep): Promise<Outcome> {
  const reason = whyNot(run, on, planned)
  if (reason !== undefined) return skipStep(run, on, { planned, reason })

  const target = on.target.name
  const started = run.clock.now()
  if (run.step && !(await isWanted(run, on, planned)))
    return skipStep(run, on, { planned, reason: 'declined' })
  run.emit({ type: 'step.started', ...refOf(planned), target })
  try {
    const task = planned.step.task(on.target.scope, resultsOf(on))
    const { result, leader } = await shareOrRun(run, on, { planned, task })
    const sharedWith = leader === target ? undefined : leader
    return await finishStep(run, on, { planned, started, result, sharedWith })
  } catch (error) {
    return finishStep(run, on, { planned, started, error: causeOf(run, error) })
  }
}

function whyNot(run: Run, on: TargetRun, { applies }: PlannedStep): SkipReason | undefined {
  if (on.halted !== undefined) return on.halted
  if (run.draining.aborted) return 'interrupted'
  return applies.has(on.target.name) ? undefined : 'condition'
}

async function isWanted(run: Run, on: TargetRun, { name }: PlannedStep): Promise<boolean> {
  const target = on.target.name
  const answer = await run.desk.confirm(`(${target}) ${name}?`, { target, signal: run.draining })
  return answer === 'yes' || answer === 'all'
}

/** An abort that the user asked for is reported as that, whatever the code that noticed it threw. */
function causeOf(run: Run, error: unknown): unknown {
  if (!run.draining.aborted || error instanceof AbortError) return error
  const isAbort = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
  return isAbort || run.aborting.aborted
    ? new AbortError('interrupted before it was finished', { cause: error })
    : error
}

interface Work {
  readonly planned: PlannedStep
  readonly task: Task
}

/** With `once`, equal work is done by the first target that asks, and shared. */
async function shareOrRun(
  run: Run,
  on: TargetRun,
  { planned, task }: Work,
): Promise<{ readonly result: AttemptResult; readonly leader: string }> {
  const params = parseParams(task)
  const target = on.target.name
  const work = (): Promise<AttemptResult> => retry(run, on, { planned, task, params })
  if (planned.step.once !== true) return { result: await work(), leader: target }

  const key = `${planned.id} ${task.uses.name} ${fingerprint(params)}`
  const { leader, result } = run.twins.share(key, { target, work })
  if (leader !== target) {
    const reason = `${leader}, which does the same`
    run.emit({ type: 'step.waiting', ...refOf(planned), target, kind: 'twin', reason })
  }
  return { result: await result, leader }
}

interface Tries extends Work {
  readonly params: Record<string, unknown>
}

/** Tries as often as the step says. Refused credentials, bugs and interruptions are never tried again. */
async function retry(run: Run, on: TargetRun, work: Tries): Promise<AttemptResult> {
  const { planned } = work
  const { attempts, delay, until }: Retry = planned.step.retry ?? { attempts: 1, delay: 0 }
  const scope = openScope(run, planned.step.timeout)
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await attemptOnce({ run, on, ...work, signal: scope.signal })
        if (until === undefined || run.check || until(result.facts)) return result
        throw new TimeoutError(`${planned.name}: what it waits for did not come in ${attempts} attempts`)
      } catch (error) {
        if (attempt >= attempts || isFinal(error) || scope.signal.aborted || run.draining.aborted) throw error
        const at = { ...refOf(planned), target: on.target.name, attempt, of: attempts }
        run.emit({ type: 'step.retried', ...at, error: reportError(error) })
        await run.clock.sleep(delay * 1000, { signal: AbortSignal.any([scope.signal, run.draining]) })
      }
    }
  } catch (error) {
    throw scope.expired() ? timedOut(planned, error) : error
  } finally {
    scope.close()
  }
}

function attemptOnce({
  task,
  ...attempt
}: Tries & { run: Run; on: TargetRun; signal: AbortSignal }): Promise<AttemptResult> {
  return task.uses.kind === 'module'
    ? converge({ ...attempt, task }, task.uses)
    : runAction({ ...attempt, task }, task.uses)
}

function isFinal(error: unknown): boolean {
  if (error instanceof ConnectError) return error.kind === 'host-key' || error.kind === 'tls'
  return error instanceof AuthError || error instanceof InternalError || error instanceof AbortError
}

function timedOut({ name, step }: PlannedStep, cause: unknown): TimeoutError {
  return new TimeoutError(`${name} was not finished in ${step.timeout} s`, {
    cause,
    hint: 'if it needs longer, raise the step’s timeout in the runbook',
  })
}

interface WorkScope {
  readonly signal: AbortSignal
  expired(): boolean
  close(): void
}

/** The signal that ends one step's work: the run's, and the step's own time-out on the run's clock. */
function openScope(run: Run, timeout: number | undefined): WorkScope {
  const expiry = new AbortController()
  const closing = new AbortController()
  const signal = AbortSignal.any([run.aborting, expiry.signal])
  // Many steps of a target may listen to one signal at once; that is not a leak.
  setMaxListeners(0, signal)
  if (timeout !== undefined) {
    run.clock.sleep(timeout * 1000, { signal: closing.signal }).then(
      () => expiry.abort(new TimeoutError(`not finished in ${timeout} s`)),
      () => undefined,
    )
  }
  return { signal, expired: () => expiry.signal.aborted, close: () => closing.abort() }
}
