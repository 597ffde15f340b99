import type { PlannedBatch, PlannedStep } from '../model/plan.ts'
import type { Batch } from '../model/runbook.ts'
import type { Standing } from '../model/standing.ts'
import type { Target } from '../model/target.ts'
import { splitBatches } from '../plan/split-batches.ts'

/** A batch in the order in which it is run. */
export interface ArrangedBatch extends PlannedBatch {
  /** Gates that would have stood between its nodes, had these not gone together. */
  readonly unneeded: readonly PlannedStep[]
}

/** What the order of nodes depends on. */
export interface Arrangement {
  readonly standings: readonly Standing[]
  /** Whether the engine has interrupted a node and not seen it healthy since. */
  isInterrupted(this: void, node: string): boolean
  readonly fresh: Batch | undefined
}

/**
 * Puts the nodes of a phase into the order that costs their cluster least: those that are down first, the one that leads
 * last. With `fresh`, planned batches of nodes that are down are joined. The nodes and the gates stay the planned ones.
 */
export function arrangeBatches(
  batches: readonly PlannedBatch[],
  { standings, isInterrupted, fresh }: Arrangement,
): readonly ArrangedBatch[] {
  const byNode = new Map(standings.map((standing) => [standing.node, standing]))
  const isDown = ({ name }: Target): boolean => {
    const state = byNode.get(name)?.state
    return state === 'idle' || (state === 'unhealthy' && isInterrupted(name))
  }
  const rankOf = (target: Target): number => {
    const standing = byNode.get(target.name)
    if (isDown(target)) return 0
    if (standing?.leads === true) return 3
    return standing?.state === 'unhealthy' ? 1 : 2
  }
  const targets = batches.flatMap((batch) => batch.targets)
  const ordered = targets.toSorted((one, other) => rankOf(one) - rankOf(other))
  let start = 0
  const arranged = batches.map((batch): ArrangedBatch => {
    const members = ordered.slice(start, (start += batch.targets.length))
    return { targets: members, gate: batch.gate, unneeded: [] }
  })
  const count = ordered.filter(isDown).length
  const sizes = fresh === undefined ? [] : splitBatches(count, fresh)
  return joinWhole(arranged, { sizes, isJoinable: (batch) => batch.targets.every(isDown) })
}

/** Joins neighbours as long as they fit into the size of the batch they make. */
function joinWhole(
  batches: readonly ArrangedBatch[],
  {
    sizes,
    isJoinable,
  }: { readonly sizes: readonly number[]; readonly isJoinable: (batch: ArrangedBatch) => boolean },
): readonly ArrangedBatch[] {
  const joined: ArrangedBatch[] = []
  for (const batch of batches) {
    const before = joined.at(-1)
    const size = (before?.targets.length ?? 0) + batch.targets.length
    const fits = size <= (sizes[joined.length - 1] ?? 0)
    if (before === undefined || !fits || !isJoinable(before) || !isJoinable(batch)) {
      joined.push(batch)
      continue
    }
    const unneeded = [...before.unneeded, ...before.gate]
    joined.splice(-1, 1, { targets: [...before.targets, ...batch.targets], gate: batch.gate, unneeded })
  }
  return joined
}
