import { describe, expect, it } from 'vitest'

import { openFreshProject } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'

/** Twenty clusters at two sites, or four of them. */
const SELECTION = IS_THOROUGH ? [] : ['--limit', '*-[01:02]']

describe('a bulk rollout', () => {
  it('deploys clusters of 4 nodes at 2 sites, rolling, in less than 300 MB', async () => {
    await using project = await openFreshProject()
    const inventory = ['-i', 'inventory/lab-bulk.ts', ...SELECTION]
    const deployed = await project.watch(['deploy', ...inventory], () => undefined)
    const last = deployed.events.at(-1)
    if (last?.type !== 'run.finished') throw new TypeError(deployed.stderr)
    expect(last.recap.targets.filter(({ failed, unreachable }) => failed + unreachable > 0)).toEqual([])
    expect(deployed.code).toBe(0)
    expect(deployed.peakMB).toBeGreaterThan(0)
    expect(deployed.peakMB).toBeLessThan(300)

    // All nodes of a cluster at once while it serves nobody, one by one once it does.
    const sizesIn = (phase: string): ReadonlySet<number> =>
      new Set(
        deployed.events.flatMap((event) =>
          event.type === 'batch.started' && event.phase === phase ? [event.targets.length] : [],
        ),
      )
    expect([...sizesIn('7')]).toEqual([4])
    // One that the cloud has not let in yet serves nobody still, and may go with others of its kind.
    expect(sizesIn('9').has(1)).toBe(true)
  }, 240_000)
})
