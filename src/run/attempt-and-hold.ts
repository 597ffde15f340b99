import { InternalError } from '../model/error.ts'
import { diffFacts, readFacts, refOf, type Attempt, type AttemptResult } from './attempt.ts'
import { converge } from './converge.ts'
import { findingsOf } from './findings.ts'
import { holdSteady } from './hold-steady.ts'
import { runAction } from './run-action.ts'

/** Does a step’s work once; where the step says so, what it found or made then has to hold for a while. */
export async function attemptAndHold(attempt: Attempt): Promise<AttemptResult> {
  const { run, on, planned, signal } = attempt
  const { hold } = planned.step
  if (hold === undefined || run.check) return work(attempt)
  let first: AttemptResult | undefined
  const last = await holdSteady(hold, {
    look: async (count) => (count === 1 ? (first = await work(attempt)) : lookAgain(attempt)),
    pause(good) {
      const reason = `it to hold (${good} of ${hold.samples} looks)`
      run.emit({ type: 'step.waiting', ...refOf(planned), target: on.target.name, kind: 'hold', reason })
      return run.clock.sleep(hold.every * 1000, { signal: AbortSignal.any([signal, run.draining]) })
    },
  })
  return { ...(first ?? last), facts: last.facts }
}

function work(attempt: Attempt): Promise<AttemptResult> {
  const { uses } = attempt.task
  return uses.kind === 'module' ? converge(attempt, uses) : runAction(attempt, uses)
}

/** Looks whether it is still so, and changes nothing. */
async function lookAgain(attempt: Attempt): Promise<AttemptResult> {
  const { uses } = attempt.task
  if (uses.kind === 'action') return runAction(attempt, uses)
  const read = await readFacts(attempt, uses)
  if (read === undefined) throw new InternalError(`${uses.name} could not be read again`)
  const changes = diffFacts(uses, read.facts, attempt.params)
  if (changes.length > 0) throw findingsOf(uses, { changes, params: attempt.params })
  return { changes: [], changed: false, facts: read.facts }
}
