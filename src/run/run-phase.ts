import { InternalError } from '../model/error.ts'
import type { SkipReason } from '../model/outcome.ts'
import type { PlannedBatch, PlannedLane, PlannedPhase } from '../model/plan.ts'
import type { Health } from '../model/runbook.ts'
import { listPhaseSteps } from '../plan/walk-items.ts'
import { allEnded } from './all-ended.ts'
import { arrangeBatches, type ArrangedBatch } from './arrange-batches.ts'
import { skipStep } from './finish-step.ts'
import { createGuard } from './guard.ts'
import { gateDebtOf } from './intent.ts'
import type { Guard } from './interruption.ts'
import type { Lane } from './lane.ts'
import { isInterrupted, readStandings } from './read-standings.ts'
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
  const health = phase.rolling?.health
  const guard = health === undefined ? undefined : createGuard(run, { lane, phase, health })
  const { batches, isServed } =
    health === undefined
      ? arrangeUnknown(planned.batches)
      : await arrange(run, lane, { phase, planned, health })
  for (const [index, batch] of batches.entries()) {
    const reason = lane.whyStopped() ?? (run.draining.aborted ? 'interrupted' : undefined)
    if (reason !== undefined) {
      skipBatch(run, lane, { phase, batch, reason })
      continue
    }
    if (planned.batches.length > 1) {
      const targets = batch.targets.map(({ name }) => name)
      run.emit({ type: 'batch.started', ...at, index: index + 1, of: batches.length, targets })
    }
    const isLast = index === batches.length - 1
    await runBatch(run, lane, { phase, batch, guard, isLast, isServed })
  }
  run.emit({ type: 'phase.finished', ...at, failed: lane.countFailed() })
}

/** A lane's part of a phase. */
export interface LanePhase {
  readonly phase: PlannedPhase
  readonly planned: PlannedLane
}

/** The batches in the order in which they are run, and whether the cluster served anybody before, as far as is known. */
interface Order {
  readonly batches: readonly ArrangedBatch[]
  readonly isServed: boolean
}

/** Where nothing is known of the nodes, they stay in their planned order, and may serve somebody. */
function arrangeUnknown(batches: readonly PlannedBatch[]): Order {
  const unknown = { standings: [], isInterrupted: () => false, fresh: undefined }
  return { batches: arrangeBatches(batches, unknown), isServed: true }
}

/** The planned batches in the order that costs the cluster least; the planned one where that cannot be found out. */
async function arrange(
  run: Run,
  lane: Lane,
  { phase, planned: { batches }, health }: LanePhase & { readonly health: Health },
): Promise<Order> {
  const isMoot = run.check || run.draining.aborted || lane.whyStopped() !== undefined
  if (isMoot) return arrangeUnknown(batches)
  try {
    const standings = await readStandings(run, lane, { health, signal: run.draining })
    const arrangement = { standings, isInterrupted: (node: string) => isInterrupted(run, node) }
    return {
      batches: arrangeBatches(batches, { ...arrangement, fresh: phase.rolling?.fresh }),
      isServed: standings.some(({ node, state }) => state !== 'idle' || isInterrupted(run, node)),
    }
  } catch (error) {
    if (error instanceof InternalError) throw error
    return arrangeUnknown(batches)
  }
}

interface BatchOfPhase {
  readonly phase: PlannedPhase
  readonly batch: ArrangedBatch
}

/** What the gate behind a batch depends on. */
interface GateOfBatch extends BatchOfPhase {
  /** Whether no other batch comes behind it. */
  readonly isLast: boolean
  /** Whether the cluster served anybody when the phase began, as far as is known. */
  readonly isServed: boolean
}

async function runBatch(
  run: Run,
  lane: Lane,
  { guard, ...gate }: GateOfBatch & { readonly guard: Guard | undefined },
): Promise<void> {
  const { phase, batch } = gate
  await allEnded(
    batch.targets.map(async (target) => {
      const on = lane.member(target)
      on.guard = guard
      on.gateDebt = batch.gate.length > 0 && isNeeded(gate) ? gateDebtOf(phase) : undefined
      try {
        await runItems(run, on, phase.items)
        await runHandlers(run, on, phase.handlers)
      } finally {
        guard?.leave(target.name)
      }
    }),
  )
  lane.stopIfFailed(phase)
  await runGate(run, lane, gate)
  skipUnneeded(run, lane, batch)
  lane.stopIfFailed(phase)
}

/** Behind the last batch, a gate stands only for those whom the cluster served already. */
function isNeeded({ isLast, isServed }: GateOfBatch): boolean {
  return isServed || !isLast
}

/** A gate stands behind what was changed, also by an earlier run that did not get through it. */
async function runGate(run: Run, lane: Lane, gate: GateOfBatch): Promise<void> {
  const on = lane.self()
  const { phase, batch } = gate
  const unneeded = whyNoGate(run, lane, gate)
  let isOpen = true
  for (const planned of batch.gate) {
    const reason = lane.whyStopped() ?? unneeded
    const outcome =
      reason === undefined ? await runStep(run, on, planned) : skipStep(run, on, { planned, reason })
    isOpen &&= outcome === 'ok' || outcome === 'changed' || !planned.applies.has(on.target.name)
  }
  const isSettled = unneeded === undefined && isOpen && batch.gate.length > 0
  if (isSettled && !run.check) await run.ledger.settle(lane.name, gateDebtOf(phase))
}

/** Why a gate is not asked. Check mode asks those between batches, and none about a cluster that it has not touched. */
function whyNoGate(run: Run, lane: Lane, gate: GateOfBatch): SkipReason | undefined {
  if (run.check) {
    if (!gate.isLast) return undefined
    return run.predictions.mayExplain(lane.self().target) ? 'unpredictable' : 'unchanged'
  }
  if (run.ledger.owes(lane.name).includes(gateDebtOf(gate.phase))) return undefined
  return isNeeded(gate) ? 'unchanged' : 'unserved'
}

function skipUnneeded(run: Run, lane: Lane, { unneeded }: ArrangedBatch): void {
  for (const planned of unneeded) skipStep(run, lane.self(), { planned, reason: 'together' })
}

function skipBatch(
  run: Run,
  lane: Lane,
  { phase, batch, reason }: BatchOfPhase & { readonly reason: SkipReason },
): void {
  for (const target of batch.targets) {
    const on = lane.member(target)
    for (const planned of listPhaseSteps(phase)) skipStep(run, on, { planned, reason: on.halted ?? reason })
  }
  for (const planned of batch.gate) skipStep(run, lane.self(), { planned, reason })
  skipUnneeded(run, lane, batch)
}
