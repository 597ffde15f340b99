import type { ConnectionKind, Task } from '../model/module.ts'
import type { LeftOut, PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import { isDecidedLate, refuseResults, workOut } from './check-tasks.ts'
import { listSteps } from './walk-items.ts'

/** What a selection leaves out of the phases that there are without one. Steps that only look do not count, nor those decided at run time. */
export function listLeftOut(
  phases: readonly PlannedPhase[],
  { full, all }: { readonly full: readonly PlannedPhase[]; readonly all: readonly Target[] },
): LeftOut {
  const stepsOf = (of: readonly PlannedPhase[]): readonly PlannedStep[] =>
    of.flatMap(({ items }) => listSteps(items))
  const kept = new Map(stepsOf(phases).map(({ id, applies }) => [id, applies]))
  const left: Partial<Record<ConnectionKind, readonly string[]>> = {}
  for (const step of stepsOf(full)) {
    const missing = all.filter(({ name }) => step.applies.has(name) && kept.get(step.id)?.has(name) !== true)
    const connection = findChanged(step, missing[0])
    if (connection === undefined) continue
    const domains = missing.map(({ cluster, name }) => cluster ?? name)
    left[connection] = [...new Set([...(left[connection] ?? []), ...domains])]
  }
  return left
}

/** What the module of a step changes things through; nothing where it changes nothing, or nobody can tell. */
function findChanged(planned: PlannedStep, target: Target | undefined): ConnectionKind | undefined {
  if (target === undefined || isDecidedLate(planned)) return undefined
  const task = workOut((): Task => planned.step.task(target.scope, refuseResults), planned.name)
  if ('message' in task) return undefined
  const { uses } = task
  const isChanging = uses.kind === 'module' ? uses.apply !== undefined : uses.changes === 'always'
  return isChanging ? uses.connection : undefined
}
