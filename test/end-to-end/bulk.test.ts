import { describe, expect, it } from 'vitest'

import { openFreshProject, type Watched } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'

/** Twenty clusters at two sites, or one at each. */
const SELECTION = IS_THOROUGH ? [] : ['--limit', '*-01']

/** What a run ended with: nothing failed anywhere. */
function expectSuccess({ code, events, stderr }: Watched): void {
  const last = events.at(-1)
  if (last?.type !== 'run.finished') throw new TypeError(stderr)
  expect(last.recap.targets.filter(({ failed, unreachable }) => failed + unreachable > 0)).toEqual([])
  expect(code).toBe(0)
}

/** How many nodes went together in a phase. */
function sizesIn(phase: string, { events }: Watched): readonly number[] {
  const sizes = events.flatMap((event) =>
    event.type === 'batch.started' && event.phase === phase ? [event.targets.length] : [],
  )
  return [...new Set(sizes)]
}

describe('a bulk rollout', () => {
  it('deploys clusters of 4 nodes at 2 sites, rolling, in less than 300 MB', async () => {
    await using project = await openFreshProject()
    const inventory = ['-i', 'inventory/lab-bulk.ts', ...SELECTION]
    const run = (...selection: readonly string[]) =>
      project.watch(['deploy', ...inventory, ...selection], () => undefined)

    // Its last steps are the tests that the clusters serve.
    const deployed = await run('--skip-tags', 'standard-port')
    expectSuccess(deployed)
    expect(deployed.peakMB).toBeGreaterThan(0)
    expect(deployed.peakMB).toBeLessThan(300)
    // All nodes of a cluster at once while it serves nobody, one by one once it does.
    expect(sizesIn('7', deployed)).toEqual([4])
    const restarted = await run('--tags', 'standard-port')
    expectSuccess(restarted)
    expect(sizesIn('9', restarted)).toEqual([1])
  }, 240_000)
})
