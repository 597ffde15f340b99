import type { Change } from '../model/change.ts'
import { TimeoutError } from '../model/error.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { Retry } from '../model/step.ts'
import { attemptAndHold } from './attempt-and-hold.ts'
import { refOf, type Attempt, type AttemptResult } from './attempt.ts'
import { isFinal } from './is-final.ts'
import { reportError } from './report-error.ts'
import type { Run } from './run.ts'
import type { TargetRun } from './target-run.ts'
import { openScope } from './work-scope.ts'

/** What is tried: a step's task with its params, checked. */
export type Tries = Pick<Attempt, 'planned' | 'task' | 'params'>

/** Tries as often and as long as the step says. Refused credentials, bugs and interruptions are never tried again. */
export async function retry(run: Run, on: TargetRun, work: Tries): Promise<AttemptResult> {
  const { planned } = work
  const { attempts, delay, within = Infinity, until }: Retry = planned.step.retry ?? { attempts: 1, delay: 0 }
  const scope = openScope(run, planned.step.timeout)
  const begun: Change[] = []
  const deadline = run.clock.now() + within * 1000
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await attemptAndHold({ run, on, ...work, signal: scope.signal, begun })
        if (until === undefined || run.check || until(result.facts)) return withEarlier(result, begun)
        throw new TimeoutError(`${planned.name}: what it waits for did not come in ${attempts} attempts`)
      } catch (error) {
        const isOver = attempt >= attempts || run.clock.now() + delay * 1000 > deadline
        if (isOver || isFinal(error) || scope.signal.aborted || run.draining.aborted) throw error
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

/** What an attempt before the last one changed was changed by this step. */
function withEarlier(result: AttemptResult, begun: readonly Change[]): AttemptResult {
  if (result.changed || begun.length === 0) return result
  return { ...result, changes: begun, changed: true, proof: 'proven' }
}

function timedOut({ name, step }: PlannedStep, cause: unknown): TimeoutError {
  return new TimeoutError(`${name} was not finished in ${step.timeout} s`, {
    cause,
    hint: 'if it needs longer, raise the step’s timeout in the runbook',
  })
}
