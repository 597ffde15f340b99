import { createHash } from 'node:crypto'

import type { Selection } from '../model/plan.ts'
import type { Target } from '../model/target.ts'

/** What a selection belongs to. */
export interface Selected {
  readonly runbook: string
  /** The targets that it has come to. */
  readonly targets: readonly Target[]
}

/**
 * Names what a run is to do, so that a later one can tell whether it is the same command again. What counts is what is selected
 * and not how that is written: a limit by the nodes it picks, tags in any order.
 */
export function digestSelection(
  { tags = [], skipTags = [], startAt }: Selection,
  { runbook, targets }: Selected,
): string {
  const nodes = targets.flatMap(({ level, name }) => (level === 'node' ? [name] : []))
  const what = [runbook, nodes, tags.toSorted(), skipTags.toSorted(), startAt ?? null]
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16)
}
