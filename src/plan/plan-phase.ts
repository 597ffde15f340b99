import type { Estate } from '../model/inventory.ts'
import type { PlannedBatch, PlannedItem, PlannedLane, PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Phase } from '../model/runbook.ts'
import type { Item, Step } from '../model/step.ts'
import type { Target } from '../model/target.ts'
import { splitBatches } from './split-batches.ts'
import { slugOf } from './step-id.ts'

/** What the phases of one runbook are planned against. */
export interface PhasePlace {
  readonly estate: Estate
  /** Every target of the inventory. */
  readonly all: readonly Target[]
  /** The targets that the run may touch. */
  readonly selected: readonly Target[]
  readonly idOf: (phase: string, name: string) => string
  /** Tells phases of the same number apart. */
  readonly nameOf: (id: string) => string
}

type When = (scope: Target['scope']) => boolean

interface Inherited {
  readonly phase: string
  readonly tags: readonly string[]
  readonly conditions: readonly When[]
  readonly targets: readonly Target[]
  readonly idOf: PhasePlace['idOf']
}

/** Expands one phase: ids, inherited tags and conditions, lanes and batches. Selects no steps yet. */
export function planPhase(phase: Phase, place: PhasePlace): PlannedPhase {
  const id = place.nameOf(phase.number === undefined ? slugOf(phase.name) : String(phase.number))
  const targets = place.selected.filter(({ level }) => level === phase.per)
  const inherited: Inherited = {
    phase: id,
    tags: phase.tags ?? [],
    conditions: phase.when === undefined ? [] : [phase.when],
    targets,
    idOf: place.idOf,
  }
  return {
    id,
    number: phase.number,
    name: phase.name,
    per: phase.per,
    tags: inherited.tags,
    rolling: phase.rolling,
    items: phase.steps.map((item) => planItem(item, inherited)),
    handlers: phase.handlers.map((step) => planStep(step, inherited)),
    lanes: planLanes(phase, place, inherited),
  }
}

function planItem(item: Item, above: Inherited): PlannedItem {
  if (item.kind === 'step') return planStep(item, above)
  const inside: Inherited = {
    ...above,
    tags: [...above.tags, ...(item.tags ?? [])],
    conditions: item.when === undefined ? above.conditions : [...above.conditions, item.when],
  }
  const planAll = (items: readonly Item[] = []): readonly PlannedItem[] =>
    items.map((inner) => planItem(inner, inside))
  return {
    kind: 'block',
    name: item.name,
    steps: planAll(item.steps),
    rescue: planAll(item.rescue),
    always: planAll(item.always),
  }
}

function planStep(step: Step, { phase, tags, conditions, targets, idOf }: Inherited): PlannedStep {
  const all = step.when === undefined ? conditions : [...conditions, step.when]
  const applies = targets.filter(({ scope }) => all.every((holds) => holds(scope)))
  return {
    kind: 'step',
    id: idOf(phase, step.name),
    name: step.name,
    phase,
    tags: [...new Set([...tags, ...(step.tags ?? [])])],
    step,
    applies: new Set(applies.map(({ name }) => name)),
  }
}

/** A lane is a failure domain: the cluster of nodes and clusters, the site, or the whole estate. */
function planLanes(phase: Phase, place: PhasePlace, inherited: Inherited): readonly PlannedLane[] {
  const { estate, all } = place
  const domainOf = ({ level, cluster, site }: Target): string =>
    (level === 'site' ? site : cluster) ?? estate.name
  const byName = new Map(all.map((target) => [target.name, target]))
  const lanes = new Map<string, Target[]>()
  // The gates after the first batch of every lane share their ids, those after the second, and so on.
  const idsAfter = createGateIds(place.idOf)
  for (const target of inherited.targets) {
    const domain = domainOf(target)
    lanes.set(domain, [...(lanes.get(domain) ?? []), target])
  }
  return [...lanes].flatMap(([name, members]): readonly PlannedLane[] => {
    const target = byName.get(name)
    if (target === undefined) return []
    const sizes =
      phase.rolling === undefined ? [members.length] : splitBatches(members.length, phase.rolling.batch)
    let start = 0
    const batches = sizes.map((size, index): PlannedBatch => {
      const targets = members.slice(start, (start += size))
      // Nothing waits behind the last batch but those whom the cluster serves.
      const isOpen = index === sizes.length - 1 && phase.rolling?.health === undefined
      return {
        targets,
        gate: isOpen ? [] : planGate(phase, { ...inherited, targets: [target], idOf: idsAfter(index) }),
      }
    })
    return [{ name, target, batches }]
  })
}

/** Gives ids to gates by the number of their batch, whichever lanes there are and in whatever order they are planned. */
function createGateIds(idOf: PhasePlace['idOf']): (batch: number) => PhasePlace['idOf'] {
  const known = new Map<string, string>()
  return (batch) => {
    let steps = 0
    return (phase, name) => {
      const key = `${batch}.${(steps += 1)}`
      const id = known.get(key) ?? idOf(phase, name)
      known.set(key, id)
      return id
    }
  }
}

function planGate(phase: Phase, inherited: Inherited): readonly PlannedStep[] {
  return phase.gate.map((step) => planStep(step, inherited))
}
