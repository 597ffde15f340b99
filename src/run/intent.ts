import type { Change } from '../model/change.ts'
import type { PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Attempt } from './attempt.ts'

/** Under which name a handler of a phase is owed; phases may have handlers of the same name. */
export function debtOf({ phase }: Pick<PlannedStep, 'phase'>, handler: string): string {
  return `${phase}/${handler}`
}

/** Under which name a lane owes the gates of a phase; no handler is owed by such a name. */
export function gateDebtOf({ id }: Pick<PlannedPhase, 'id'>): string {
  return `gate of ${id}`
}

/**
 * Puts on disk what is about to be done, and which handlers and gates will then be owed, before it is done: a process that is killed
 * in the middle, or a target that is lost, leaves a debt too many and never one too few.
 */
export async function writeIntent(
  { run, on, planned }: Attempt,
  changes: readonly Change[] = [],
): Promise<void> {
  const target = on.target.name
  await run.journal.write({ type: 'intent', step: planned.id, target, changes })
  if (on.gateDebt !== undefined) await run.ledger.owe(on.lane, on.gateDebt)
  on.gateDebt = undefined
  for (const handler of planned.step.notify ?? []) await run.ledger.owe(target, debtOf(planned, handler))
}

/** Puts on disk what is about to be done from here, which has begun then: a step that is interrupted later has failed. */
export async function beginChange(attempt: Attempt, changes?: readonly Change[]): Promise<void> {
  await writeIntent(attempt, changes)
  attempt.on.begun = attempt.planned.id
}
