import type { Issue } from '../model/issue.ts'
import { nearestName } from '../model/nearest.ts'
import type { Health, Phase, Rolling, Runbook } from '../model/runbook.ts'
import type { Block, Hold, Item, Retry, Step } from '../model/step.ts'

// The keys that each part of a runbook may have; the compiler keeps these lists complete.

const PHASE: Readonly<Record<keyof Required<Phase>, true>> = {
  number: true,
  name: true,
  per: true,
  tags: true,
  when: true,
  rolling: true,
  steps: true,
  handlers: true,
  gate: true,
}

const STEP: Readonly<Record<keyof Required<Step>, true>> = {
  kind: true,
  name: true,
  task: true,
  tags: true,
  when: true,
  retry: true,
  hold: true,
  timeout: true,
  register: true,
  notify: true,
  ignoreFailure: true,
  once: true,
  confirm: true,
  consent: true,
}

const BLOCK: Readonly<Record<keyof Required<Block>, true>> = {
  kind: true,
  name: true,
  tags: true,
  when: true,
  steps: true,
  rescue: true,
  always: true,
}

const RETRY: Readonly<Record<keyof Required<Retry>, true>> = {
  attempts: true,
  delay: true,
  within: true,
  until: true,
}
const HOLD: Readonly<Record<keyof Required<Hold>, true>> = { samples: true, of: true, every: true }
const HEALTH: Readonly<Record<keyof Required<Health>, true>> = { task: true, hold: true, within: true }
const ROLLING: Readonly<Record<keyof Required<Rolling>, true>> = {
  batch: true,
  fresh: true,
  health: true,
  maxFailed: true,
}

/** Keys that make no sense where they stand: a condition that is misspelt would otherwise never be looked at. */
function findUnknownKeys(
  path: string,
  part: object | undefined,
  known: Readonly<Record<string, true>>,
): readonly Issue[] {
  return Object.keys(part ?? {})
    .filter((key) => !Object.hasOwn(known, key))
    .map((key): Issue => {
      const nearest = nearestName(key, Object.keys(known))
      return {
        path: `${path} › ${key}`,
        message: `unknown key “${key}”`,
        hint:
          nearest === undefined
            ? `known here: ${Object.keys(known).join(', ')}`
            : `did you mean “${nearest}”?`,
      }
    })
}

function checkItem(item: Item, above: string): readonly Issue[] {
  const path = `${above} › ${item.name}`
  if (item.kind === 'step') {
    return [
      ...findUnknownKeys(path, item, STEP),
      ...findUnknownKeys(`${path} › retry`, item.retry, RETRY),
      ...findUnknownKeys(`${path} › hold`, item.hold, HOLD),
    ]
  }
  const parts = [...item.steps, ...(item.rescue ?? []), ...(item.always ?? [])]
  return [...findUnknownKeys(path, item, BLOCK), ...parts.flatMap((part) => checkItem(part, path))]
}

/** Every key of a runbook that does not exist, each named with its phase and step. */
export function checkRunbook({ phases }: Runbook): readonly Issue[] {
  return phases.flatMap((phase) => {
    const path = phase.number === undefined ? phase.name : `${phase.number} ${phase.name}`
    return [
      ...findUnknownKeys(path, phase, PHASE),
      ...findUnknownKeys(`${path} › rolling`, phase.rolling, ROLLING),
      ...findUnknownKeys(`${path} › rolling › health`, phase.rolling?.health, HEALTH),
      ...findUnknownKeys(`${path} › rolling › health › hold`, phase.rolling?.health?.hold, HOLD),
      ...[...phase.steps, ...phase.handlers, ...phase.gate].flatMap((item) => checkItem(item, path)),
    ]
  })
}
