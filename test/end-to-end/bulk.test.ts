import { describe, expect, it } from 'vitest'

import { openFreshProject } from '../support/fresh-project.ts'

describe('a bulk rollout', () => {
  it('deploys 20 clusters of 4 nodes at 2 sites, rolling, in less than 300 MB', async () => {
    await using project = await openFreshProject()
    const inventory = ['-i', 'inventory/lab-bulk.ts']
    const deployed = await project.watch(['deploy', ...inventory], () => undefined)
    const last = deployed.events.at(-1)
    if (last?.type !== 'run.finished') throw new TypeError(deployed.stderr)
    expect(last.recap.targets.filter(({ failed, unreachable }) => failed + unreachable > 0)).toEqual([])
    expect(deployed.code).toBe(0)
    expect(deployed.peakMB).toBeGreaterThan(0)
    expect(deployed.peakMB).toBeLessThan(300)

    // Never two nodes of a cluster at once in a rolling phase.
    const batches = deployed.events.filter((event) => event.type === 'batch.started')
    expect(batches.length).toBeGreaterThan(0)
    expect(batches.every(({ targets }) => targets.length === 1)).toBe(true)
  }, 240_000)
})
