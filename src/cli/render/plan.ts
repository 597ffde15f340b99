import type { Plan, PlannedItem, PlannedLane, PlannedPhase, PlannedStep } from '../../model/plan.ts'
import { describeDemands } from '../../plan/describe-demands.ts'
import type { ListInvocation } from '../invocation.ts'

type Show = ListInvocation['show']

const INDENT = '    '

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `${INDENT}${line}`)

const tagList = (tags: readonly string[]): string => (tags.length === 0 ? '' : `  [${tags.join(', ')}]`)

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** What a runbook would do, phase by phase: pure text, made without a system being asked. */
export function renderPlan(plan: Plan, show: Show): readonly string[] {
  return [
    `${plan.runbook}: ${plan.summary}`,
    `${plan.inventory}, ${count(plan.targets.length, 'target')}, ${count(plan.pairs, 'step')} in all`,
    ...describeDemands(plan.demands),
    ...plan.cautions,
    ...plan.phases.flatMap((phase) => ['', ...renderPhase(phase, show)]),
  ]
}

function renderPhase(phase: PlannedPhase, show: Show): readonly string[] {
  const number = phase.number === undefined ? '' : `${phase.number} `
  const tags = show.tags ? tagList(phase.tags) : ''
  const targets = phase.lanes.flatMap(targetsOf)
  return [
    `${number}${phase.name} (per ${phase.per}, ${count(targets.length, 'target')})${tags}`,
    ...(show.targets ? indent(phase.lanes.map(renderLane)) : []),
    ...(show.steps ? indent(renderSteps(phase, show)) : []),
  ]
}

const targetsOf = ({ batches }: PlannedLane): readonly string[] =>
  batches.flatMap(({ targets }) => targets.map(({ name }) => name))

/** A failure domain and its targets; batches, which go one after another, are joined by `then`. */
function renderLane({ name, batches }: PlannedLane): string {
  const parts = batches.map(({ targets }) => targets.map((target) => target.name).join(', '))
  return parts.length === 1 && parts[0] === name ? name : `${name}: ${parts.join(', then ')}`
}

function renderSteps(phase: PlannedPhase, show: Show): readonly string[] {
  const total = phase.lanes.flatMap(targetsOf).length
  // Every batch has the same gate.
  const gate = phase.lanes[0]?.batches[0]?.gate ?? []
  const options = { show, total }
  return [
    ...phase.items.flatMap((item) => renderItem(item, options)),
    ...phase.handlers.flatMap((step) => renderStep(step, { ...options, role: 'handler' })),
    ...gate.flatMap((step) => renderStep(step, { show, total: undefined, role: 'gate' })),
  ]
}

interface ItemOptions {
  readonly show: Show
  /** How many targets the phase has; unknown for a gate, which runs against the cluster itself. */
  readonly total: number | undefined
}

function renderItem(item: PlannedItem, options: ItemOptions): readonly string[] {
  if (item.kind === 'step') return renderStep(item, options)
  const part = (title: string, items: readonly PlannedItem[]): readonly string[] =>
    items.length === 0 ? [] : [title, ...indent(items.flatMap((inner) => renderItem(inner, options)))]
  return [
    ...part(`block “${item.name}”`, item.steps),
    ...part('rescue', item.rescue),
    ...part('always', item.always),
  ]
}

function renderStep(
  { id, name, tags, applies }: PlannedStep,
  { show, total, role }: ItemOptions & { readonly role?: string },
): readonly string[] {
  const part =
    total === undefined || applies.size === total ? '' : `  (${applies.size} of ${count(total, 'target')})`
  return [`${role === undefined ? '' : `${role}: `}${id}  ${name}${show.tags ? tagList(tags) : ''}${part}`]
}
