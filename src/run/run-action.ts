import { ConnectError } from '../model/error.ts'
import type { Action } from '../model/module.ts'
import { asFork, contextOf, useOf, type Attempt, type AttemptResult } from './attempt.ts'
import { allowDisruption, foretellDisruption } from './disruption.ts'
import { beginChange } from './intent.ts'

const UNPREDICTABLE: AttemptResult = { changes: [], changed: false, facts: undefined, unpredictable: true }

/** Runs a command that has no state to compare. Check mode runs it only where it never changes anything. */
export async function runAction(attempt: Attempt, action: Action): Promise<AttemptResult> {
  const { run, on, params } = attempt
  const changed = action.changes === 'always'
  if (run.check && changed) {
    foretellDisruption(attempt, action.disruptive?.(params))
    run.predictions.add(on.target, action.connection)
    return UNPREDICTABLE
  }
  if (changed) await allowDisruption(attempt, action.disruptive?.(params))
  const work = async (): Promise<unknown> => {
    const way = changed ? 'writer' : 'reader'
    const connection = await run.connections[way](action.connection, on.target, useOf(attempt))
    if (changed) await beginChange(attempt)
    return action.run({ ...contextOf(attempt), connection })
  }
  try {
    return { changes: [], changed, facts: await asFork(attempt, work, action.limits?.(params)) }
  } catch (error) {
    const isExplained = error instanceof ConnectError && run.predictions.mayExplain(on.target)
    if (run.check && isExplained) return UNPREDICTABLE
    throw error
  }
}
