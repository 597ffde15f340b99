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
  await runItems(run, on, block.steps)
  const failed = entered && on.failure === 'failed'

  if (failed && block.rescue.length > 0) {
    resume(on)
    await runItems(run, on, block.rescue)
    if (on.failure === undefined)
      run.emit({ type: 'target.rescued', target: on.target.name, block: block.name })
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

function resume(on: TargetRun): void {
  on.halted = undefined
  on.failure = undefined
}
