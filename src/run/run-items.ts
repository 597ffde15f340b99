import type { PlannedBlock, PlannedItem } from '../model/plan.ts'
import { listSteps } from '../plan/walk-items.ts'
import { skipStep } from './finish-step.ts'
import { runStep } from './run-step.ts'
import type { Run } from './run.ts'
import type { TargetRun } from './target-run.ts'

/** Takes one target through steps and blocks, in written order. */
export async function runItems(run: Run, on: TargetRun, items: readonly PlannedItem[]): Promise<void> {
  for (const item of items) {
    if (item.kind === 'step') await runStep(run, on, item)
    else await runBlock(run, on, item)
  }
}

/**
 * Runs a block. Its rescue runs when a step of it failed, but not when the target could not be reached; where the rescue
 * succeeds, the target goes on as if nothing had happened. What stands under `always` runs after a failure, too.
 */
async function runBlock(run: Run, on: TargetRun, block: PlannedBlock): Promise<void> {
  const entered = on.halted === undefined
  const { failures } = on
  await runItems(run, on, block.steps)
  const failed = entered && on.failure === 'failed'

  if (failed && block.rescue.length > 0) {
    await runRescue(run, on, { block, failures })
  } else {
    const reason = on.halted ?? 'not-needed'
    for (const planned of listSteps(block.rescue)) skipStep(run, on, { planned, reason })
  }

  const { halted, failure } = on
  if (entered && failure === 'failed') resume(on)
  await runItems(run, on, block.always)
  // A failure inside `always` stands; otherwise the one from before does.
  if (failure !== undefined && on.failure === undefined) Object.assign(on, { halted, failure })
}

/** Runs the rescue of a block; where it succeeds, it makes up for all that failed since the block was entered. */
async function runRescue(
  run: Run,
  on: TargetRun,
  { block, failures }: { readonly block: PlannedBlock; readonly failures: number },
): Promise<void> {
  const { halted, failure } = on
  resume(on)
  await runItems(run, on, block.rescue)
  if (on.failure !== undefined) return
  // Steps that an interruption kept from running have rescued nothing.
  if (run.draining.aborted) return void Object.assign(on, { halted, failure })
  const steps = on.failures - failures
  on.failures = failures
  run.emit({ type: 'target.rescued', target: on.target.name, block: block.name, steps })
}

function resume(on: TargetRun): void {
  on.halted = undefined
  on.failure = undefined
}
