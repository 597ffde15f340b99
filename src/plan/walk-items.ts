import type { PlannedItem, PlannedPhase, PlannedStep } from '../model/plan.ts'

/** Every step of an item list, blocks opened, in written order. */
export function listSteps(items: readonly PlannedItem[]): readonly PlannedStep[] {
  return items.flatMap((item) =>
    item.kind === 'step'
      ? [item]
      : [...listSteps(item.steps), ...listSteps(item.rescue), ...listSteps(item.always)],
  )
}

/** Every step of a phase that runs against each of its targets: its items and its handlers, not its gates. */
export function listPhaseSteps(phase: PlannedPhase): readonly PlannedStep[] {
  return [...listSteps(phase.items), ...phase.handlers]
}

/** Keeps the steps for which `keep` holds, and no block that is left without steps to do. */
export function filterSteps(
  items: readonly PlannedItem[],
  keep: (step: PlannedStep) => boolean,
): readonly PlannedItem[] {
  return items.flatMap((item): readonly PlannedItem[] => {
    if (item.kind === 'step') return keep(item) ? [item] : []
    const steps = filterSteps(item.steps, keep)
    const always = filterSteps(item.always, keep)
    if (steps.length === 0 && always.length === 0) return []
    return [{ ...item, steps, rescue: filterSteps(item.rescue, keep), always }]
  })
}
