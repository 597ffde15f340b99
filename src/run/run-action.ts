import type { Action } from '../model/module.ts'
import { asFork, contextOf, useOf, type Attempt, type AttemptResult } from './attempt.ts'
import { allowDisruption } from './disruption.ts'

/** Runs a command that has no state to compare. Check mode runs it only where it never changes anything. */
export async function runAction(attempt: Attempt, action: Action): Promise<AttemptResult> {
  const { run, on, planned, params } = attempt
  const changed = action.changes === 'always'
  if (run.check && changed) return { changes: [], changed: false, facts: undefined, unpredictable: true }
  if (changed) {
    await allowDisruption(attempt, action.disruptive?.(params))
    await run.journal.write({ type: 'intent', step: planned.id, target: on.target.name, changes: [] })
  }
  const facts = await run.limits.within(action.limits?.(params) ?? [], () =>
    asFork(attempt, async () => {
      const way = changed ? 'writer' : 'reader'
      const connection = await run.connections[way](action.connection, on.target, useOf(attempt))
      return action.run({ ...contextOf(attempt), connection })
    }),
  )
  return { changes: [], changed, facts }
}
