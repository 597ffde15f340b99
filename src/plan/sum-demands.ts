import type { Demand } from '../model/demand.ts'
import type { Module, Task } from '../model/module.ts'
import type { PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import { isDecidedLate } from './check-tasks.ts'
import { listPhaseSteps } from './walk-items.ts'

/** What a plan asks of systems that count calls, and what an operator has to know of its modules beforehand. */
export interface Foresight {
  readonly demands: readonly Demand[]
  readonly cautions: readonly string[]
}

/** Sums up what every step may ask for, for every target it applies to; tasks that need the results of others are left out. */
export function sumDemands(phases: readonly PlannedPhase[], all: readonly Target[]): Foresight {
  const byName = new Map(all.map((target) => [target.name, target]))
  const demands = new Map<string, Demand>()
  const cautions = new Set<string>()
  for (const step of phases.flatMap(listPhaseSteps)) {
    for (const task of listTasks(step, byName)) {
      const { uses, input } = task
      if (uses.caution !== undefined) cautions.add(uses.caution)
      for (const demand of uses.demands?.(uses.params.parse(input)) ?? []) {
        const known = demands.get(demand.quota)
        demands.set(
          demand.quota,
          known === undefined ? demand : { ...known, calls: known.calls + demand.calls },
        )
      }
    }
  }
  return { demands: [...demands.values()], cautions: [...cautions] }
}

interface Foreseen extends Task {
  readonly uses: Module
}

/** The tasks of a step whose module says beforehand what it asks for; each step has one module. */
function* listTasks(planned: PlannedStep, byName: ReadonlyMap<string, Target>): Generator<Foreseen> {
  if (isDecidedLate(planned)) return
  for (const name of planned.applies) {
    const target = byName.get(name)
    if (target === undefined) continue
    const task = planned.step.task(target.scope, refuseResults)
    const { uses } = task
    if (uses.kind !== 'module' || (uses.demands === undefined && uses.caution === undefined)) return
    yield { ...task, uses }
  }
}

function refuseResults(): never {
  throw new TypeError('a task that is known beforehand asked for the results of others')
}
