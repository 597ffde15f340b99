import type { PlannedStep } from '../model/plan.ts'
import { skipStep } from './finish-step.ts'
import { debtOf } from './intent.ts'
import { runStep } from './run-step.ts'
import type { Run } from './run.ts'
import type { TargetRun } from './target-run.ts'

/**
 * Runs the handlers that were notified, in the order they are defined, once. What was notified in an earlier run that
 * did not get to it is owed and runs, too; what cannot run now stays owed, unless its condition does not hold.
 */
export async function runHandlers(run: Run, on: TargetRun, handlers: readonly PlannedStep[]): Promise<void> {
  const target = on.target.name
  for (const planned of handlers) {
    const debt = debtOf(planned, planned.name)
    const isDue = on.notified.has(debt) || run.ledger.owes(target).includes(debt)
    if (!isDue) {
      skipStep(run, on, { planned, reason: on.halted ?? 'not-notified' })
      continue
    }
    const outcome = await runStep(run, on, planned)
    const isDone = outcome === 'ok' || outcome === 'changed' || !planned.applies.has(target)
    if (isDone) on.notified.delete(debt)
    if (isDone && !run.check) await run.ledger.settle(target, debt)
  }
}
