import type { z } from 'zod'

import { messageOf } from '../model/error.ts'
import type { Issue } from '../model/issue.ts'
import type { Task } from '../model/module.ts'
import { nearestName } from '../model/nearest.ts'
import type { PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Hold } from '../model/step.ts'
import type { Target } from '../model/target.ts'
import { listPhaseSteps } from './walk-items.ts'

/**
 * Checks every step's params against its module's schema, for every target it applies to, and that every handler that is
 * notified exists, once. Steps whose task needs the results of others are checked when they run.
 */
export function checkTasks(phases: readonly PlannedPhase[], all: readonly Target[]): readonly Issue[] {
  const byName = new Map(all.map((target) => [target.name, target]))
  return phases.flatMap((phase) => {
    const gates = phase.lanes.flatMap(({ batches }) => batches.flatMap(({ gate }) => gate))
    const handlers = phase.handlers.map(({ name }) => name)
    return [
      ...checkHandlers(phase, handlers),
      ...checkHealth(phase),
      ...[...listPhaseSteps(phase), ...gates].flatMap((step) => [
        ...checkNotified(step, { phase, handlers }),
        ...checkHold(step, phase),
        ...checkParams(step, { phase, byName }),
      ]),
    ]
  })
}

const titleOf = ({ number, name }: PlannedPhase): string =>
  `${number === undefined ? '' : `${number} `}${name}`

const placeOf = (phase: PlannedPhase, step: PlannedStep): string => `${titleOf(phase)} › ${step.name}`

/** A handler is notified by its name, so that there may be only one of each. */
function checkHandlers(phase: PlannedPhase, names: readonly string[]): readonly Issue[] {
  return [...new Set(names)].flatMap((name): readonly Issue[] => {
    const count = names.filter((other) => other === name).length
    const message = `there are ${count} handlers “${name}” in this phase`
    return count === 1 ? [] : [{ path: `${titleOf(phase)} › handlers`, message }]
  })
}

function checkNotified(
  step: PlannedStep,
  { phase, handlers }: { readonly phase: PlannedPhase; readonly handlers: readonly string[] },
): readonly Issue[] {
  const unknown = (step.step.notify ?? []).filter((name) => !handlers.includes(name))
  return unknown.map((name): Issue => {
    const nearest = nearestName(name, handlers)
    return {
      path: `${placeOf(phase, step)} › notify`,
      message: `there is no handler “${name}” in this phase`,
      ...(nearest === undefined ? {} : { hint: `did you mean “${nearest}”?` }),
    }
  })
}

function checkHold({ name, step }: PlannedStep, phase: PlannedPhase): readonly Issue[] {
  return step.hold === undefined ? [] : checkSamples(step.hold, `${titleOf(phase)} › ${name} › hold`)
}

/** More good looks than there are looks would never hold; none would always. */
function checkSamples({ samples, of, every }: Hold, path: string): readonly Issue[] {
  const isWhole = [samples, of].every((count) => Number.isInteger(count) && count > 0)
  if (isWhole && samples <= of && every >= 0) return []
  return [
    {
      path,
      message: `${samples} of ${of} looks, ${every} s apart, cannot be`,
      hint: 'write { samples: 3, of: 3, every: 5 }',
    },
  ]
}

/** What tells whether a node may be interrupted is asked about a cluster, by a module that only reads. */
function checkHealth(phase: PlannedPhase): readonly Issue[] {
  const path = `${titleOf(phase)} › rolling`
  const { health, fresh } = phase.rolling ?? {}
  if (health === undefined)
    return fresh === undefined
      ? []
      : [{ path: `${path} › fresh`, message: 'who is fresh is told by `health`, which is not there' }]
  if (phase.per !== 'node')
    return [{ path: `${path} › health`, message: `a phase per ${phase.per} has no nodes to roll through` }]
  const place = `${path} › health`
  const issues = phase.lanes.flatMap(({ name, target: { scope } }) => {
    if (!('cluster' in scope)) return []
    const of = `${place} (${name})`
    const task = workOut(() => health.task(scope), of)
    if ('message' in task) return [task]
    if (task.uses.kind !== 'module')
      return [{ path: of, message: `${task.uses.name} is an action, and tells no standings` }]
    return checkInput(task, of)
  })
  return [...checkSamples(health.hold, `${place} › hold`), ...issues]
}

/** One issue for each wrong key, named with the first target that shows it. */
function checkParams(
  planned: PlannedStep,
  { phase, byName }: { readonly phase: PlannedPhase; readonly byName: ReadonlyMap<string, Target> },
): readonly Issue[] {
  if (isDecidedLate(planned)) return []
  const issues = new Map<string, Issue>()
  for (const name of planned.applies) {
    const target = byName.get(name)
    if (target === undefined) continue
    const place = `${placeOf(phase, planned)} (${name})`
    for (const issue of checkTask(planned, { target, place })) {
      const key = `${issue.path.slice(place.length)} ${issue.message}`
      if (!issues.has(key)) issues.set(key, issue)
    }
  }
  return [...issues.values()]
}

function checkTask(
  planned: PlannedStep,
  { target, place }: { readonly target: Target; readonly place: string },
): readonly Issue[] {
  const task = workOut(() => planned.step.task(target.scope, refuseResults), place)
  if ('message' in task) return [task]
  const isMoot =
    planned.step.hold !== undefined && task.uses.kind === 'action' && task.uses.changes === 'always'
  const message = `${task.uses.name} changes something each time, so that there is nothing to hold`
  return [...(isMoot ? [{ path: place, message }] : []), ...checkInput(task, place)]
}

/** The task that a step has for a target, or why it cannot be worked out. */
export function workOut(work: () => Task, path: string): Task | Issue {
  try {
    return work()
  } catch (cause) {
    const message = messageOf(cause)
    return { path, message: `its params cannot be worked out: ${message}` }
  }
}

function checkInput(task: Task, place: string): readonly Issue[] {
  const parsed = task.uses.params.safeParse(task.input)
  if (parsed.success) return []
  const known = Object.keys(task.uses.params.shape)
  return parsed.error.issues.flatMap((issue) => explain(issue, { place, known, uses: task.uses.name }))
}

function explain(
  issue: z.core.$ZodIssue,
  {
    place,
    known,
    uses,
  }: { readonly place: string; readonly known: readonly string[]; readonly uses: string },
): readonly Issue[] {
  const path = [place, ...issue.path.map(String)].join(' › ')
  if (issue.code !== 'unrecognized_keys') return [{ path, message: `${uses}: ${issue.message}` }]
  return issue.keys.map((key): Issue => {
    const nearest = issue.path.length === 0 ? nearestName(key, known) : undefined
    return {
      path: `${path} › ${key}`,
      message: `${uses} takes no “${key}”`,
      hint: nearest === undefined ? `it takes ${known.join(', ')}` : `did you mean ${nearest}?`,
    }
  })
}

/** Whether a step's task is decided at run time, from the results of others. */
export function isDecidedLate({ step }: PlannedStep): boolean {
  return step.task.length > 1
}

/** Stands for the results of other steps where there are none yet. */
export function refuseResults(): never {
  throw new TypeError('it uses results of other steps: give its function two parameters')
}
