import { describe, expect, it } from 'vitest'

import type { PlannedBatch } from '../../src/model/plan.ts'
import type { Batch } from '../../src/model/runbook.ts'
import type { Standing } from '../../src/model/standing.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { arrangeBatches } from '../../src/run/arrange-batches.ts'
import { defineRunbook } from '../../src/sdk.ts'
import { createWorld, estateOf, plain } from '../support/small-world.ts'

/** The batches of one cluster, as a plan has them. */
function planBatches(nodes: readonly string[], batch: Batch): readonly PlannedBatch[] {
  const world = createWorld()
  const runbook = defineRunbook(plain, {
    name: 'small',
    summary: 'A small runbook.',
    phases: ({ phase }) => [
      phase({
        name: 'First',
        per: 'node',
        rolling: { batch },
        gate: ({ step }) => [step('It holds', () => world.value({ key: 'gate', value: '1' }))],
        steps: ({ step }) => [step('It is set', () => world.value({ key: 'k', value: '1' }))],
      }),
    ],
  })
  const estate = estateOf({ fra: { 'fra-1': nodes } })
  const plan = planRun({ runbook, file: 'small.ts', inventory: 'test', estate, selection: {} })
  return plan.phases[0]?.lanes[0]?.batches ?? []
}

const standing = (node: string, state: Standing['state'], leads = false): Standing => ({
  node,
  state,
  leads,
  why: [],
})

/** How nodes go together, and how many gates are left between them. */
function arrange(
  batches: readonly PlannedBatch[],
  options: { standings: readonly Standing[]; interrupted?: readonly string[]; fresh?: Batch },
): { readonly names: readonly string[]; readonly gates: number; readonly unneeded: number } {
  const { standings, interrupted = [], fresh } = options
  const arranged = arrangeBatches(batches, {
    standings,
    isInterrupted: (node) => interrupted.includes(node),
    fresh,
  })
  const count = (of: 'gate' | 'unneeded'): number =>
    arranged.reduce((sum, batch) => sum + batch[of].length, 0)
  return {
    names: arranged.map(({ targets }) => targets.map(({ name }) => name).join('+')),
    gates: count('gate'),
    unneeded: count('unneeded'),
  }
}

describe('the order of nodes', () => {
  it('is the planned one where nothing is known of them', () => {
    const batches = planBatches(['a', 'b', 'c'], 1)
    expect(arrange(batches, { standings: [], fresh: '100%' })).toEqual({
      names: ['a', 'b', 'c'],
      gates: 2,
      unneeded: 0,
    })
  })

  it('puts those that are down first, the unhealthy next, and the one that leads last', () => {
    const standings = [
      standing('a', 'healthy', true),
      standing('b', 'healthy'),
      standing('c', 'unhealthy'),
      standing('d', 'idle'),
    ]
    expect(arrange(planBatches(['a', 'b', 'c', 'd'], 1), { standings }).names).toEqual(['d', 'c', 'b', 'a'])
  })

  it('begins with the one that an earlier run has interrupted and that is not back', () => {
    const standings = [standing('a', 'idle'), standing('b', 'healthy'), standing('c', 'unhealthy')]
    const batches = planBatches(['a', 'b', 'c'], 1)
    expect(arrange(batches, { standings, interrupted: ['c', 'b'] }).names).toEqual(['a', 'c', 'b'])
  })

  it('joins all batches of a cluster in which nobody serves, and keeps account of their gates', () => {
    const nodes = Array.from({ length: 16 }, (_, index) => `n${index}`)
    const standings = nodes.map((node) => standing(node, 'idle'))
    const arranged = arrange(planBatches(nodes, 1), { standings, fresh: '100%' })
    expect(arranged).toEqual({ names: [nodes.join('+')], gates: 0, unneeded: 15 })
  })

  it('joins no node that serves with one that does not', () => {
    const standings = [
      standing('a', 'healthy'),
      standing('b', 'idle'),
      standing('c', 'idle'),
      standing('d', 'idle'),
    ]
    expect(arrange(planBatches(['a', 'b', 'c', 'd'], 1), { standings, fresh: '100%' })).toEqual({
      names: ['b+c+d', 'a'],
      gates: 1,
      unneeded: 2,
    })
    // A batch of two holds one that serves.
    expect(arrange(planBatches(['a', 'b', 'c', 'd'], 2), { standings, fresh: '100%' }).names).toEqual([
      'b+c',
      'd+a',
    ])
  })

  it('tries a few fresh nodes before the rest where that is asked for', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e']
    const standings = nodes.map((node) => standing(node, 'idle'))
    const batches = planBatches(nodes, 1)
    expect(arrange(batches, { standings, fresh: [1, '100%'] }).names).toEqual(['a', 'b+c+d+e'])
    expect(arrange(batches, { standings, fresh: 2 }).names).toEqual(['a+b', 'c+d', 'e'])
  })
})
