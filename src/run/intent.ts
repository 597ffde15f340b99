import type { Change } from '../model/change.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { Attempt } from './attempt.ts'

/** Under which name a handler of a phase is owed; phases may have handlers of the same name. */
export function debtOf({ phase }: Pick<PlannedStep, 'phase'>, handler: string): string {
  return `${phase}/${handler}`
}

/**
 * Puts on disk what is about to be done, and which handlers will then be owed, before it is done: a process that is killed
 * in the middle, or a target that is lost, leaves a debt too many and never one too few.
 */
export async function writeIntent(
  { run, on, planned }: Attempt,
  changes: readonly Change[] = [],
): Promise<void> {
  const target = on.target.name
  await run.journal.write({ type: 'intent', step: planned.id, target, changes })
  for (const handler of planned.step.notify ?? []) await run.ledger.owe(target, debtOf(planned, handler))
}
