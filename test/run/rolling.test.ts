import { describe, expect, it } from 'vitest'

import type { Unstamped } from '../../src/model/event.ts'
import {
  createWorld,
  estateOf,
  outcomesOf,
  runSmall,
  type SmallPhases,
  type SmallRun,
} from '../support/small-world.ts'
import { createServingCluster, type ServingCluster } from './serving-cluster.ts'

const estate = estateOf({ fra: { 'fra-1': ['a', 'b', 'c'] } })

/** One phase with one setting, for which each node is taken down. */
const restartAll =
  ({ setting, rolling }: ServingCluster, value = '2'): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'Restart',
      per: 'node',
      rolling,
      steps: ({ step }) => [step('It is set', ({ node }) => setting({ node: node.name, value }))],
    }),
  ]

const run = (cluster: ServingCluster, phases: SmallPhases, rest: SmallRun = {}) =>
  runSmall(phases, { estate, yes: true, ledger: cluster.ledger, ...rest })

const stopsOf = (events: readonly Unstamped[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'lane.stopped' ? [event.reason] : []))

const waitsOf = (events: readonly Unstamped[], kind: string): readonly string[] =>
  events.flatMap((event) => (event.type === 'step.waiting' && event.kind === kind ? [event.reason] : []))

describe('a cluster that serves', () => {
  it('has its nodes taken down one at a time, each only when the one before is healthy, the leader last', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.leader = 'a'
    const { recap, events } = await run(cluster, restartAll(cluster))
    expect(recap.exitCode).toBe(0)
    expect(cluster.taken).toEqual(['b', 'c', 'a'])
    expect(cluster.mostDown).toBe(1)
    expect(waitsOf(events, 'health')).toContain('b is not healthy (LB is stopped)')
    expect(waitsOf(events, 'hold')[0]).toBe('the others to stay healthy (1 of 3 looks)')
  })

  it('is left alone, all of it, where another node is not healthy, and is told which and why', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.states.set('c', 'unhealthy')
    const { recap, events } = await run(cluster, restartAll(cluster), { selection: { limit: 'a:b' } })
    expect(recap.exitCode).toBe(2)
    expect(cluster.taken).toEqual([])
    expect(stopsOf(events)).toEqual(['a is not interrupted (it restarts): c is not healthy (LB is stopped)'])
    expect(outcomesOf(events)).toEqual(['It is set a failed', 'It is set b skipped cluster-stopped'])
    expect(waitsOf(events, 'health')).toEqual([])
  })

  it('is not touched further because a failure would be tolerated', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.states.set('c', 'unhealthy')
    const rolling = { ...cluster.rolling, maxFailed: 2 }
    await run(cluster, restartAll({ ...cluster, rolling }), { selection: { limit: 'a:b' } })
    expect(cluster.taken).toEqual([])
  })

  it('has the one node mended that is not healthy, and then the others', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.states.set('c', 'unhealthy')
    expect((await run(cluster, restartAll(cluster))).recap.exitCode).toBe(0)
    expect(cluster.taken).toEqual(['c', 'a', 'b'])
    expect(cluster.mostDown).toBe(1)
  })

  it('is left alone where a node comes and goes', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.next.set('b', ['healthy', 'healthy', 'healthy', 'unhealthy', 'healthy', 'healthy'])
    const { events } = await run(cluster, restartAll(cluster), { selection: { limit: 'a' } })
    expect(cluster.taken).toEqual([])
    expect(outcomesOf(events)).toEqual(['It is set a failed'])
  })

  it('is passed over where nothing differs: not a look more than to find the order', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    await run(cluster, restartAll(cluster))
    cluster.looks = 0
    const { events } = await run(cluster, restartAll(cluster))
    expect(outcomesOf(events).toSorted()).toEqual(['It is set a ok', 'It is set b ok', 'It is set c ok'])
    expect(cluster.looks).toBe(1)
  })

  it('loses one node at a time also where all of them go through the phase together', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    const rolling = { ...cluster.rolling, batch: '100%' as const }
    const { recap, events } = await run(cluster, restartAll({ ...cluster, rolling }), { forks: 3 })
    expect(recap.exitCode).toBe(0)
    expect(cluster.taken.toSorted()).toEqual(['a', 'b', 'c'])
    expect(cluster.mostDown).toBe(1)
    expect(waitsOf(events, 'turn')).toHaveLength(2)
  })

  it('counts two interruptions of one node as one', async () => {
    const cluster = createServingCluster(['a', 'b'])
    const two: SmallPhases = ({ phase }) => [
      phase({
        name: 'Restart',
        per: 'node',
        rolling: { ...cluster.rolling, batch: '100%' },
        steps: ({ step }) => [
          step('Memory', ({ node }) => cluster.setting({ node: node.name, value: '2' })),
          step('Card', ({ node }) => cluster.setting({ node: node.name, key: 'card', value: '2' })),
        ],
      }),
    ]
    const { recap } = await run(cluster, two, { estate: estateOf({ fra: { 'fra-1': ['a', 'b'] } }) })
    expect(recap.exitCode).toBe(0)
    expect(cluster.taken).toEqual(['a', 'a', 'b', 'b'])
    expect(cluster.mostDown).toBe(1)
  })

  it('loses no second node in a later phase while one of an earlier phase still starts', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.recovery = 4
    const phases: SmallPhases = ({ phase }) =>
      ['memory', 'card'].map((key) =>
        phase({
          name: key,
          per: 'node',
          rolling: cluster.rolling,
          steps: ({ step }) => [
            step(key, ({ node }) => cluster.setting({ node: node.name, key, value: '2' })),
          ],
        }),
      )
    const { recap } = await run(cluster, phases)
    expect(recap.exitCode).toBe(0)
    expect(cluster.taken).toHaveLength(6)
    expect(cluster.mostDown).toBe(1)
  })

  it('does not stop another cluster when it is stopped', async () => {
    const cluster = createServingCluster(['a', 'b', 'x', 'y'])
    cluster.states.set('b', 'unhealthy')
    const two = estateOf({ fra: { 'fra-1': ['a', 'b'], 'fra-2': ['x', 'y'] } })
    await run(cluster, restartAll(cluster), { estate: two, selection: { limit: 'a:x:y' } })
    expect(cluster.taken).toEqual(['x', 'y'])
  })

  it('is told of in check mode, and nothing more: what would be interrupted, and how', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.states.set('c', 'unhealthy')
    const { events, recap } = await run(cluster, restartAll(cluster), { check: true })
    const warnings = events.flatMap((event) => (event.type === 'step.warned' ? [event.message] : []))
    expect(warnings[0]).toBe('would interrupt: it restarts; one node at a time, while all others are healthy')
    expect(warnings).toHaveLength(3)
    expect([cluster.taken, cluster.looks, recap.exitCode]).toEqual([[], 0, 0])
  })

  it('is left alone where the run is interrupted while it waits', async () => {
    const cluster = createServingCluster(['a', 'b', 'c'])
    const draining = new AbortController()
    const { recap } = await run(cluster, restartAll(cluster), {
      draining: draining.signal,
      onEvent: (event) => {
        if (event.type === 'step.waiting' && event.kind === 'hold') draining.abort('SIGINT')
      },
    })
    expect(cluster.taken).toEqual([])
    expect(recap.exitCode).toBe(130)
  })
})

describe('a run that was killed while a node was down', () => {
  /** The node is lost in the middle; what the engine has written by then is all there is. */
  async function loseB(): Promise<ServingCluster> {
    const cluster = createServingCluster(['a', 'b', 'c'])
    cluster.leader = 'c'
    cluster.lost.add('b')
    const { events } = await run(cluster, restartAll(cluster))
    expect(outcomesOf(events)).toEqual([
      'It is set a changed',
      'It is set b unreachable',
      'It is set c skipped cluster-stopped',
    ])
    expect(cluster.states.get('b')).toBe('idle')
    return cluster
  }

  it('is finished by the next: that node first, then the others', async () => {
    const cluster = await loseB()
    const { recap, events } = await run(cluster, restartAll(cluster))
    expect(recap.exitCode).toBe(0)
    expect(outcomesOf(events)[0]).toBe('It is set b changed')
    expect(cluster.taken).toEqual(['a', 'b', 'c'])
    expect(cluster.mostDown).toBe(1)
  })

  it('lets no other node be taken down by a run that is limited to that one', async () => {
    const cluster = await loseB()
    const { events } = await run(cluster, restartAll(cluster), { selection: { limit: 'c' } })
    expect(cluster.taken).toEqual(['a', 'b'])
    expect(stopsOf(events)[0]).toContain('b is not healthy')
    // It is waited for, because it was this engine that took it down.
    expect(waitsOf(events, 'health').length).toBeGreaterThan(5)
  })
})

describe('a cluster that serves nobody yet', () => {
  it('is made all at once, and its gates are accounted for', async () => {
    const nodes = Array.from({ length: 16 }, (_, index) => `n${index}`)
    const cluster = createServingCluster(nodes, 'idle')
    const world = createWorld()
    const phases: SmallPhases = ({ phase }) => [
      phase({
        name: 'Make',
        per: 'node',
        rolling: cluster.rolling,
        gate: ({ step }) => [step('It holds', () => world.value({ key: 'gate', value: '1' }))],
        steps: ({ step }) => [
          step('It is set', ({ node }) => cluster.setting({ node: node.name, value: '1' })),
        ],
      }),
    ]
    const { events, recap, pairs } = await run(cluster, phases, {
      estate: estateOf({ fra: { 'fra-1': nodes } }),
    })
    expect(recap.exitCode).toBe(0)
    expect(cluster.taken).toEqual([])
    const batches = events.flatMap((event) => (event.type === 'batch.started' ? [event.targets.length] : []))
    expect(batches).toEqual([16])
    expect(pairs).toBe(16 + 16)
    expect(outcomesOf(events).filter((line) => line === 'It holds fra-1 skipped together')).toHaveLength(15)
    expect(outcomesOf(events)).toContain('It holds fra-1 skipped unserved')
    expect(world.reads).toEqual([])
  })
})

describe('a gate', () => {
  const gated =
    (world: ReturnType<typeof createWorld>): SmallPhases =>
    ({ phase }) => [
      phase({
        name: 'First',
        per: 'node',
        rolling: { batch: 1 },
        gate: ({ step }) => [step('It holds', () => world.value({ key: 'gate', value: '1' }))],
        steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
      }),
    ]

  it('is asked behind what was changed, not behind what was not', async () => {
    const world = createWorld()
    const { ledger } = createServingCluster([])
    await runSmall(gated(world), { ledger })
    const again = await runSmall(gated(world), { ledger })
    expect(outcomesOf(again.events)).toEqual([
      'It is set a ok',
      'It holds fra-1 skipped unchanged',
      'It is set b ok',
    ])
  })

  it('that did not hold is asked again by the next run, before any other node', async () => {
    const world = createWorld()
    const { ledger } = createServingCluster([])
    world.faults.set('gate', ['fail', 'fail', 'none'])
    await runSmall(gated(world), { ledger })
    const again = await runSmall(gated(world), { ledger })
    expect(outcomesOf(again.events)).toEqual([
      'It is set a ok',
      'It holds fra-1 failed',
      'It is set b skipped cluster-stopped',
    ])
    expect((await runSmall(gated(world), { ledger })).recap.exitCode).toBe(0)
    expect(world.values.get('b')).toBe('1')
  })
})

describe('the gate behind the last node', () => {
  const two = estateOf({ fra: { 'fra-1': ['a', 'b'] } })
  const gated =
    (cluster: ServingCluster, world: ReturnType<typeof createWorld>): SmallPhases =>
    ({ phase }) => [
      phase({
        name: 'Restart',
        per: 'node',
        rolling: cluster.rolling,
        gate: ({ step }) => [step('It holds', () => world.value({ key: 'gate', value: '1' }))],
        steps: ({ step }) => [
          step('It is set', ({ node }) => cluster.setting({ node: node.name, value: '2' })),
        ],
      }),
      phase({
        name: 'Next',
        per: 'node',
        steps: ({ step }) => [step('It goes on', () => world.value({ key: 'next', value: '1' }))],
      }),
    ]

  it('keeps a run from ending well where the last change has made the cluster sick', async () => {
    const cluster = createServingCluster(['a', 'b'])
    const world = createWorld()
    world.faults.set('read gate', ['fail-read'])
    const selection = { limit: 'b' }
    const { events, recap } = await run(cluster, gated(cluster, world), { estate: two, selection })
    expect(outcomesOf(events)).toEqual([
      'It is set b changed',
      'It holds fra-1 failed',
      'It goes on b skipped cluster-stopped',
    ])
    expect([recap.exitCode, stopsOf(events)]).toEqual([2, ['fra-1 failed; no failure is allowed']])
    // It is owed until it holds, whatever else is asked for.
    const again = await run(cluster, gated(cluster, world), { estate: two, selection })
    expect(outcomesOf(again.events).slice(0, 2)).toEqual(['It is set b ok', 'It holds fra-1 failed'])
    world.faults.clear()
    expect((await run(cluster, gated(cluster, world), { estate: two, selection })).recap.exitCode).toBe(0)
  })

  it('is asked after the leader, too, which goes last', async () => {
    const cluster = createServingCluster(['a', 'b'])
    cluster.leader = 'a'
    const world = createWorld()
    world.faults.set('read gate', ['none', 'none', 'fail-read'])
    const { events } = await run(cluster, gated(cluster, world), { estate: two })
    expect(outcomesOf(events).slice(0, 4)).toEqual([
      'It is set b changed',
      'It holds fra-1 changed',
      'It is set a changed',
      'It holds fra-1 failed',
    ])
  })

  it('is not asked where nothing changed, nor in check mode', async () => {
    const cluster = createServingCluster(['a', 'b'])
    const world = createWorld()
    const selection = { limit: 'b' }
    const checked = await run(cluster, gated(cluster, world), { estate: two, selection, check: true })
    expect(outcomesOf(checked.events)[1]).toBe('It holds fra-1 skipped unpredictable')
    expect(world.reads).not.toContain('gate')
    await run(cluster, gated(cluster, world), { estate: two, selection })
    const { length } = world.reads.filter((key) => key === 'gate')
    for (const check of [true, false]) {
      const { events } = await run(cluster, gated(cluster, world), { estate: two, selection, check })
      expect(outcomesOf(events)[1]).toBe('It holds fra-1 skipped unchanged')
    }
    expect(world.reads.filter((key) => key === 'gate')).toHaveLength(length)
  })

  it('is asked where a node is added to a cluster that serves', async () => {
    const cluster = createServingCluster(['a', 'b'])
    cluster.states.set('b', 'idle')
    const world = createWorld()
    world.faults.set('read gate', ['fail-read'])
    const { recap } = await run(cluster, gated(cluster, world), { estate: two, selection: { limit: 'b' } })
    expect(recap.exitCode).toBe(2)
  })
})

describe('a step that has to hold', () => {
  const holding =
    (world: ReturnType<typeof createWorld>, hold: { samples: number; of: number }): SmallPhases =>
    ({ phase }) => [
      phase({
        name: 'Test',
        per: 'cluster',
        steps: ({ step }) => [
          step('It is well', () => world.value({ key: 'k', value: '1' }), { hold: { ...hold, every: 5 } }),
        ],
      }),
    ]

  it('fails where what it looks at comes and goes', async () => {
    const world = createWorld()
    world.values.set('k', '1')
    world.faults.set('read k', ['none', 'none', 'fail-read', 'none'])
    const { events } = await runSmall(holding(world, { samples: 3, of: 3 }))
    expect(outcomesOf(events)).toEqual(['It is well fra-1 failed'])
    expect(waitsOf(events, 'hold')).toEqual(['it to hold (1 of 3 looks)', 'it to hold (2 of 3 looks)'])
  })

  it('forgives as many bad looks as it says', async () => {
    const world = createWorld()
    world.values.set('k', '1')
    world.faults.set('read k', ['unreachable', 'none', 'fail-read', 'none', 'none'])
    expect((await runSmall(holding(world, { samples: 3, of: 5 }))).recap.exitCode).toBe(0)
    expect(world.reads).toHaveLength(5)
  })

  it('changes something once, and then only looks', async () => {
    const world = createWorld()
    const { events } = await runSmall(holding(world, { samples: 3, of: 3 }))
    expect(outcomesOf(events)).toEqual(['It is well fra-1 changed'])
    expect(world.writes).toEqual(['k=1'])
    expect(world.reads).toHaveLength(4)
  })

  it.each([
    [{ samples: 4, of: 3 }, '4 of 3 looks'],
    [{ samples: 0, of: 3 }, '0 of 3 looks'],
  ])('is refused before anything runs where it cannot be: %j', async (hold, message) => {
    await expect(runSmall(holding(createWorld(), hold))).rejects.toMatchObject({
      issues: [{ message: expect.stringContaining(message) as string }],
    })
  })
})

describe('a rolling rule', () => {
  it.each(['cluster', 'site'] as const)(
    'is refused with a health to watch in a phase per %s',
    async (per) => {
      const { rolling } = createServingCluster(['a'])
      const world = createWorld()
      const phases: SmallPhases = ({ phase }) => [
        phase({
          name: 'Odd',
          per,
          rolling,
          steps: ({ step }) => [step('It is set', () => world.value({ key: 'k', value: '1' }))],
        }),
      ]
      await expect(runSmall(phases)).rejects.toMatchObject({
        issues: [{ message: `a phase per ${per} has no nodes to roll through` }],
      })
    },
  )
})
