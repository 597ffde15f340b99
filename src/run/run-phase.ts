import type { SkipReason } from '../model/outcome.ts'
import type { PlannedBatch, PlannedLane, PlannedPhase } from '../model/plan.ts'
import { listPhaseSteps } from '../plan/walk-items.ts'
import { skipStep } from './finish-step.ts'
import type { Lane } from './lane.ts'
import { runHandlers } from './run-handlers.ts'
import { runItems } from './run-items.ts'
import { runStep } from './run-step.ts'
import type { Run } from './run.ts'

/** Takes one lane through one phase, batch by batch, with a gate before the next. Stops the lane where it has to. */
export async function runPhase(run: Run, lane: Lane, { phase, planned }: LanePhase): Promise<void> {
  const at = { phase: phase.id, lane: lane.name }
  const names = planned.batches.flatMap(({ targets }) => targets.map(({ name }) => name))
  run.emit({ type: 'phase.started', ...at, name: phase.name, targets: names })
  lane.enter(phase)
  for (const [index, batch] of planned.batches.entries()) {
    const reason = lane.whyStopped() ?? (run.draining.aborted ? 'interrupted' : undefined)
    if (reason !== undefined) {
      skipBatch(run, lane, { phase, batch, reason })
      continue
    }
    if (planned.batches.length > 1) {
      const targets = batch.targets.map(({ name }) => name)
      run.emit({ type: 'batch.started', ...at, index: index + 1, of: planned.batches.length, targets })
    }
    await runBatch(run, lane, { phase, batch })
  }
  run.emit({ type: 'phase.finished', ...at, failed: lane.countFailed() })
}

/** A lane's part of a phase. */
export interface LanePhase {
  readonly phase: PlannedPhase
  readonly planned: PlannedLane
}

async function runBatch(
  run: Run,
  lane: Lane,
  { phase, batch }: { readonly phase: PlannedPhase; readonly batch: PlannedBatch },
): Promise<void> {
  await Promise.all(
    batch.targets.map(async (target) => {
      const on = lane.member(target)
      await runItems(run, on, phase.items)
      await runHandlers(run, on, phase.handlers)
    }),
  )
  lane.stopIfFailed(phase)
  const gatekeeper = lane.self()
  for (const planned of batch.gate) {
    const reason = lane.whyStopped()
    if (reason === undefined) await runStep(run, gatekeeper, planned)
    else skipStep(run, gatekeeper, { planned, reason })
  }
  lane.stopIfFailed(phase)
}

function skipBatch(
  run: Run,
  lane: Lane,
  {
    phase,
    batch,
    reason,
  }: { readonly phase: PlannedPhase; readonly batch: PlannedBatch; readonly reason: SkipReason },
): void {
  for (const target of batch.targets) {
    const on = lane.member(target)
    for (const planned of listPhaseSteps(phase)) skipStep(run, on, { planned, reason: on.halted ?? reason })
  }
  for (const planned of batch.gate) skipStep(run, lane.self(), { planned, reason })
}
