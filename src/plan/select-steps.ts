import { UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import type { PlannedPhase, PlannedStep, Selection } from '../model/plan.ts'
import { selectTags, SPECIAL_TAGS } from './select-tags.ts'
import { filterSteps, listSteps } from './walk-items.ts'

/**
 * Keeps the steps that tags and `--start-at` select. Handlers and gates ignore tags: they belong to the steps that are
 * left, and go where none is. Throws a `UsageError` for a tag or a step that the runbook does not have.
 */
export function selectSteps(
  phases: readonly PlannedPhase[],
  { selection, runbook }: { readonly selection: Selection; readonly runbook: string },
): readonly PlannedPhase[] {
  refuseUnknownTags(phases, selection)
  const started = startFrom(phases, { startAt: selection.startAt, runbook })
  const keep = (step: PlannedStep): boolean =>
    started(step) && selectTags(step.tags, { only: selection.tags, skip: selection.skipTags ?? [] })
  return phases.flatMap((phase) => {
    const items = filterSteps(phase.items, keep)
    if (items.length === 0) return []
    const notified = new Set(listSteps(items).flatMap(({ step }) => step.notify ?? []))
    return [{ ...phase, items, handlers: closeOver(phase.handlers, notified) }]
  })
}

/** The handlers that the remaining steps can notify, and those that these can notify in turn. */
function closeOver(handlers: readonly PlannedStep[], notified: Set<string>): readonly PlannedStep[] {
  for (const { name, step } of handlers) {
    if (notified.has(name)) step.notify?.forEach((next) => notified.add(next))
  }
  return handlers.filter(({ name }) => notified.has(name))
}

function refuseUnknownTags(phases: readonly PlannedPhase[], { tags = [], skipTags = [] }: Selection): void {
  const known = new Set(phases.flatMap(({ items }) => listSteps(items).flatMap((step) => step.tags)))
  for (const tag of [...tags, ...skipTags]) {
    if (known.has(tag) || (SPECIAL_TAGS as readonly string[]).includes(tag)) continue
    const nearest = nearestName(tag, [...known, ...SPECIAL_TAGS])
    throw new UsageError(`no step has the tag ${JSON.stringify(tag)}`, {
      hint: nearest === undefined ? `tags: ${[...known].sort().join(', ')}` : `did you mean ${nearest}?`,
    })
  }
}

/** Says of a step whether it comes at or after the one to start at; those tagged `always` do, wherever they stand. */
function startFrom(
  phases: readonly PlannedPhase[],
  { startAt, runbook }: { readonly startAt: string | undefined; readonly runbook: string },
): (step: PlannedStep) => boolean {
  if (startAt === undefined) return () => true
  const steps = phases.flatMap(({ items }) => listSteps(items))
  const index = steps.findIndex(({ id, name }) => id === startAt || name === startAt)
  if (index === -1) {
    const nearest = nearestName(
      startAt,
      steps.flatMap(({ id, name }) => [id, name]),
    )
    throw new UsageError(`${runbook} has no step ${JSON.stringify(startAt)} to start at`, {
      hint:
        nearest === undefined
          ? `\`runbook list ${runbook} --steps\` shows them`
          : `did you mean “${nearest}”?`,
    })
  }
  const before = new Set(steps.slice(0, index))
  return (step) => !before.has(step) || step.tags.includes('always')
}
