import { expect, test } from 'vitest'

import { deploy, type PlannedCluster } from './deploy.ts'
import { openDirect } from './direct.ts'

const CLUSTERS = 300
const NODES = 4
const FORKS = 10
/** Kinds of objects: instances, clusters, locations, IP source groups, rules. */
const KINDS = 5

/** What cannot be done with less, by the plan alone. */
function countLeast(hours: number): number {
  const instances = CLUSTERS * NODES
  const writes = instances + CLUSTERS * (KINDS - 1)
  // A location that exists is read right before it is replaced.
  const reads = CLUSTERS
  // A target goes on when what was written for it was read back: as many at a time as are worked on.
  const readBack = writes / FORKS
  // Every kind is listed before the first write and before the activation; what was bought is asked for every five minutes
  // in which a rule is made, which is the last hour's work.
  const lists = 2 * KINDS + Math.min(8, hours * 12)
  const status = 3
  return 1 + 1 + status + writes + reads + readBack + lists + 1
}

/** Watches how much memory is in use; gives the most there was beyond what was in use at first, in MB. */
function watchMemory(): () => number {
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage()
    return (heapUsed + external) / 1e6
  }
  const first = used()
  let most = first
  const timer = setInterval(() => (most = Math.max(most, used())), 10)
  return () => {
    clearInterval(timer)
    return Math.max(most, used()) - first
  }
}

test(
  'the ZIA steps of 300 clusters of 4 nodes take hardly more requests than they must, no 429, and little memory',
  { timeout: 60_000 },
  async () => {
    const locations = Array.from({ length: CLUSTERS }, (_, index) => `site ${index}`)
    await using direct = await openDirect({ seed: { locations } })
    const { tenant, clock, open } = direct
    const session = await open()
    const clusters = locations.map((location, net): PlannedCluster => ({
      name: `c-${net}`,
      net,
      nodes: NODES,
      location,
      exists: true,
    }))
    const began = clock.now()
    const peak = watchMemory()
    const changes = await deploy(clusters, { session, clock, forks: FORKS })
    const hours = (clock.now() - began) / 3_600_000
    const { requests, writes, activations, commits, tooFast, calls } = tenant.counts

    expect(changes.length).toBeGreaterThan(CLUSTERS * NODES)
    expect(tooFast).toBe(0)
    expect(writes).toBe(CLUSTERS * (NODES + KINDS - 1))
    expect({ activations, commits }).toEqual({ activations: 1, commits: 1 })
    // 1200 instances at 400 an hour are made in the third hour; nothing else takes as long.
    expect(hours).toBeGreaterThan(2)
    expect(hours).toBeLessThan(4)
    // A legacy session is touched while it waits for the next hour's quota; that is no part of the work.
    const touches = calls['GET /authenticatedSession'] ?? 0
    expect(touches).toBeLessThan(hours * 20)
    expect(requests - touches).toBeLessThanOrEqual(1.05 * countLeast(hours))
    expect(peak()).toBeLessThan(300)

    expect(await deploy(clusters, { session, clock, forks: FORKS })).toEqual([])
    expect(tenant.counts.writes).toBe(writes)
    expect(tenant.counts.requests - requests).toBeLessThan(2 * KINDS)
  },
)
