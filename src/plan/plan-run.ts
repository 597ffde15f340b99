import { ConfigError, UsageError } from '../model/error.ts'
import type { Estate } from '../model/inventory.ts'
import type { Issue } from '../model/issue.ts'
import type { Plan, PlannedPhase, Selection } from '../model/plan.ts'
import type { Runbook } from '../model/runbook.ts'
import type { Target } from '../model/target.ts'
import { checkTasks } from './check-tasks.ts'
import { digestSelection } from './digest-selection.ts'
import { listLeftOut } from './list-left-out.ts'
import { listTargets } from './list-targets.ts'
import { planPhase } from './plan-phase.ts'
import { selectSteps } from './select-steps.ts'
import { selectTargets } from './select-targets.ts'
import { createStepIds, createUnique } from './step-id.ts'
import { sumDemands } from './sum-demands.ts'
import { listPhaseSteps, listSteps } from './walk-items.ts'

/** What a plan is made from. Planning asks nothing else, and touches nothing. */
export interface PlanInput {
  readonly runbook: Runbook
  /** The runbook's file, for messages. */
  readonly file: string
  readonly estate: Estate
  /** What the inventory is called, for messages. */
  readonly inventory: string
  readonly selection: Selection
  /** What stands in the files that `--limit` names by `@file`. */
  readonly limitFiles?: ReadonlyMap<string, string> | undefined
}

/**
 * Plans a run: every (step, target) that will be looked at, in order. Throws a `ConfigError` with every wrong param of
 * the runbook, or a `UsageError` for a selection that names or leaves nothing.
 */
export function planRun({ runbook, file, estate, inventory, selection, limitFiles }: PlanInput): Plan {
  const all = listTargets(estate)
  const selected = selectTargets(all, { estate, limit: selection.limit, files: limitFiles })
  const expand = (targets: readonly Target[]): readonly PlannedPhase[] => {
    const place = { estate, all, selected: targets, idOf: createStepIds(), nameOf: createUnique() }
    return runbook.phases.map((phase) => planPhase(phase, place))
  }
  const phases = selectSteps(expand(selected), { selection, runbook: runbook.name }).flatMap(dropIdle)
  // Without a selection nothing is left out, and a large estate is planned once.
  const full = isWhole(selection)
    ? phases
    : selectSteps(expand(all), { selection: {}, runbook: runbook.name })

  const pairs = phases.reduce((sum, phase) => sum + countPairs(phase), 0)
  if (pairs === 0) {
    throw new UsageError(`nothing is left to run in ${runbook.name} for this selection`, {
      hint: `\`runbook list ${runbook.name} --steps --tags --targets\` shows what there is`,
    })
  }
  refuse(file, checkTasks(phases, all))
  return {
    runbook: runbook.name,
    summary: runbook.summary,
    inventory,
    selection,
    phases,
    domains: all.filter(({ level }) => level !== 'node'),
    leftOut: listLeftOut(phases, { full, all }),
    selectionDigest: digestSelection(selection, { runbook: runbook.name, targets: selected }),
    targets: listUsed(phases, all),
    pairs,
    diagnosis: runbook.diagnosis,
    ...sumDemands(phases, all),
  }
}

function refuse(file: string, issues: readonly Issue[]): void {
  if (issues.length === 0) return
  throw new ConfigError(`${file} has ${issues.length === 1 ? 'a problem' : `${issues.length} problems`}`, {
    issues: issues.map((issue) => ({ ...issue, file })),
    hint: '`runbook docs --module NAME` shows what a module takes',
  })
}

/** A lane for none of whose targets any step applies has no part in a phase; a phase without lanes goes. */
function isWhole({ tags = [], skipTags = [], limit, startAt }: Selection): boolean {
  return tags.length + skipTags.length === 0 && limit === undefined && startAt === undefined
}

function dropIdle(phase: PlannedPhase): readonly PlannedPhase[] {
  const steps = listSteps(phase.items)
  const lanes = phase.lanes.filter(({ batches }) =>
    batches.some(({ targets }) => targets.some(({ name }) => steps.some(({ applies }) => applies.has(name)))),
  )
  return lanes.length === 0 ? [] : [{ ...phase, lanes }]
}

function countPairs(phase: PlannedPhase): number {
  const steps = listPhaseSteps(phase).length
  return phase.lanes
    .flatMap(({ batches }) => batches)
    .reduce((sum, { targets, gate }) => sum + targets.length * steps + gate.length, 0)
}

function listUsed(phases: readonly PlannedPhase[], all: readonly Target[]): readonly Target[] {
  const names = new Set(
    phases.flatMap(({ lanes }) =>
      lanes.flatMap(({ target, batches }) =>
        batches.flatMap((batch) => [...batch.targets, ...(batch.gate.length > 0 ? [target] : [])]),
      ),
    ),
  )
  return all.filter((target) => names.has(target))
}
