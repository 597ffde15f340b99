import { describe, expect, it } from 'vitest'

import { createWorld, estateOf, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

const twoClusters = estateOf({ fra: { 'fra-1': ['a', 'b', 'c', 'd'], 'fra-2': ['x', 'y'] } })

function setEach(world: ReturnType<typeof createWorld>, suffix = ''): SmallPhases {
  return ({ phase }) => [
    phase({
      name: 'First',
      per: 'node',
      rolling: { batch: [1, '50%'] },
      gate: ({ step }) => [
        step('It holds', ({ cluster }) => world.value({ key: `gate ${cluster.name}`, value: '1' })),
      ],
      steps: ({ step }) => [
        step('It is set', ({ node }) => world.value({ key: `${node.name}${suffix}`, value: '1' })),
      ],
    }),
    phase({
      name: 'Second',
      per: 'cluster',
      steps: ({ step }) => [
        step('All are set', ({ cluster }) => world.value({ key: cluster.name, value: '1' })),
      ],
    }),
  ]
}

describe('a plan', () => {
  it('goes through a cluster batch by batch, with the gate before the next', async () => {
    const world = createWorld()
    const { events, recap, pairs } = await runSmall(setEach(world), {
      estate: twoClusters,
      selection: { limit: 'fra-1' },
    })
    const batches = events.flatMap((event) => (event.type === 'batch.started' ? [event.targets] : []))
    expect(batches).toEqual([['a'], ['b', 'c'], ['d']])
    expect(outcomesOf(events).filter((line) => line.startsWith('It holds'))).toEqual([
      'It holds fra-1 changed',
      'It holds fra-1 ok',
    ])
    expect(pairs).toBe(4 + 2 + 1)
    expect(recap.exitCode).toBe(0)
  })

  it('stops a cluster whose node failed before the next batch, and no other cluster', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail'])
    const { events, recap } = await runSmall(setEach(world), { estate: twoClusters })
    expect(world.writes.filter((write) => write.includes('='))).not.toContain('b=1')
    expect(world.values.get('fra-2')).toBe('1')
    expect(world.values.get('fra-1')).toBeUndefined()
    expect(outcomesOf(events)).toContain('It is set b skipped cluster-stopped')
    expect(outcomesOf(events)).toContain('It holds fra-1 skipped cluster-stopped')
    expect(world.reads).not.toContain('gate fra-1')
    expect(outcomesOf(events)).toContain('All are set fra-1 skipped cluster-stopped')
    expect(events.filter(({ type }) => type === 'lane.stopped')).toMatchObject([{ lane: 'fra-1' }])
    expect(recap.exitCode).toBe(2)
  })

  it('stops a cluster whose gate does not hold', async () => {
    const world = createWorld()
    world.faults.set('gate fra-1', ['fail'])
    const { events } = await runSmall(setEach(world), { estate: twoClusters })
    expect(outcomesOf(events)).toContain('It is set b skipped cluster-stopped')
    expect(world.values.get('y')).toBe('1')
  })

  it('counts an unreachable node as failed, and exits with 4', async () => {
    const world = createWorld()
    world.faults.set('read a', ['unreachable'])
    const { events, recap } = await runSmall(setEach(world), { estate: twoClusters })
    expect(outcomesOf(events)).toContain('It is set a unreachable')
    expect(outcomesOf(events)).toContain('It is set d skipped cluster-stopped')
    expect(recap.targets.find(({ target }) => target === 'a')).toMatchObject({ unreachable: 1, failed: 0 })
    expect(recap.exitCode).toBe(4)
  })

  it('goes on with the others as long as no more than `maxFailed` have failed', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail'])
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'First',
          per: 'node',
          rolling: { batch: 1, maxFailed: 1 },
          steps: ({ step }) => [
            step('It is set', ({ node }) => world.value({ key: node.name, value: '1' })),
            step('It is set again', ({ node }) => world.value({ key: `${node.name}2`, value: '1' })),
          ],
        }),
      ],
      { estate: twoClusters, selection: { limit: 'fra-1' } },
    )
    expect(outcomesOf(events)).toContain('It is set again a skipped after-failure')
    expect(world.values.get('d2')).toBe('1')
  })

  describe('that tolerated a failure in one phase', () => {
    const twoPhases =
      (world: ReturnType<typeof createWorld>, rolling?: { batch: 1 }): SmallPhases =>
      ({ phase }) => [
        phase({
          name: 'First',
          per: 'node',
          rolling: { batch: 1, maxFailed: 1 },
          steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
        }),
        phase({
          name: 'Second',
          per: 'node',
          ...(rolling === undefined ? {} : { rolling }),
          steps: ({ step }) => [
            step('It restarts', ({ node }) => world.value({ key: `${node.name}2`, value: '1' })),
          ],
        }),
        phase({
          name: 'Third',
          per: 'cluster',
          steps: ({ step }) => [
            step('It is tested', ({ cluster }) => world.value({ key: cluster.name, value: '1' })),
          ],
        }),
      ]

    it('touches no node in a later phase that tolerates none', async () => {
      const world = createWorld()
      world.faults.set('d', ['fail'])
      const { events } = await runSmall(twoPhases(world, { batch: 1 }), {
        estate: twoClusters,
        selection: { limit: 'fra-1' },
      })
      expect(world.writes).toEqual(['a=1', 'b=1', 'c=1'])
      expect(outcomesOf(events)).toContain('It restarts a skipped cluster-stopped')
      expect(events.filter(({ type }) => type === 'lane.stopped')).toHaveLength(1)
    })

    it('goes on where a later phase says nothing about failures, until another node fails', async () => {
      const world = createWorld()
      world.faults.set('d', ['fail'])
      const options = { estate: twoClusters, selection: { limit: 'fra-1' } }
      await runSmall(twoPhases(world), options)
      expect(world.values.get('fra-1')).toBe('1')

      const worse = createWorld()
      worse.faults.set('d', ['fail']).set('c2', ['fail'])
      await runSmall(twoPhases(worse), options)
      expect(worse.values.get('fra-1')).toBeUndefined()
    })
  })

  it('runs a phase per estate once, after all clusters and before what follows', async () => {
    const world = createWorld()
    await runSmall(
      ({ phase }) => [
        phase({
          name: 'Write',
          per: 'node',
          steps: ({ step }) => [step('Written', ({ node }) => world.value({ key: node.name, value: '1' }))],
        }),
        phase({
          name: 'Activate',
          per: 'estate',
          steps: ({ step }) => [step('Active', () => world.value({ key: 'active', value: '1' }))],
        }),
        phase({
          name: 'Use',
          per: 'cluster',
          steps: ({ step }) => [
            step('Used', ({ cluster }) => world.value({ key: cluster.name, value: '1' })),
          ],
        }),
      ],
      { estate: twoClusters },
    )
    expect(world.writes.indexOf('active=1')).toBe(6)
    expect(world.writes.slice(7).toSorted()).toEqual(['fra-1=1', 'fra-2=1'])
  })

  it('stops everything when what all share fails', async () => {
    const world = createWorld()
    world.faults.set('active', ['fail'])
    const { events, recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'Activate',
          per: 'estate',
          steps: ({ step }) => [step('Active', () => world.value({ key: 'active', value: '1' }))],
        }),
        phase({
          name: 'Use',
          per: 'cluster',
          steps: ({ step }) => [
            step('Used', ({ cluster }) => world.value({ key: cluster.name, value: '1' })),
          ],
        }),
      ],
      { estate: twoClusters },
    )
    expect(outcomesOf(events)).toEqual([
      'Active estate failed',
      'Used fra-1 skipped cluster-stopped',
      'Used fra-2 skipped cluster-stopped',
    ])
    expect(recap.exitCode).toBe(2)
  })

  it('starts nothing new once it is interrupted, and still gives every step an outcome', async () => {
    const world = createWorld()
    const draining = new AbortController()
    const { events, recap, pairs } = await runSmall(setEach(world), {
      estate: twoClusters,
      draining: draining.signal,
      onEvent: (event) => {
        if (event.type === 'step.finished' && !draining.signal.aborted) draining.abort('SIGINT')
      },
    })
    expect(recap.exitCode).toBe(130)
    expect(events.filter(({ type }) => type === 'step.finished')).toHaveLength(pairs)
    expect(events).toContainEqual({ type: 'run.interrupted', signal: 'SIGINT' })
    expect(world.writes.length).toBeLessThan(6)
  })
})

describe('a handler', () => {
  const phases =
    (world: ReturnType<typeof createWorld>): SmallPhases =>
    ({ phase }) => [
      phase({
        name: 'First',
        per: 'node',
        steps: ({ step }) => [
          step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
            notify: ['Restart'],
          }),
          step('It is set again', ({ node }) => world.value({ key: `${node.name}2`, value: '1' }), {
            notify: ['Restart'],
          }),
        ],
        handlers: ({ step }) => [
          step('Reload', ({ node }) => world.poke({ key: `reload ${node.name}` })),
          step('Restart', ({ node }) => world.poke({ key: `restart ${node.name}` })),
        ],
      }),
    ]

  it('runs once, after the steps, however often it was notified; one that nobody notified does not', async () => {
    const world = createWorld()
    const { events } = await runSmall(phases(world), { selection: { limit: 'a' } })
    expect(world.writes).toEqual(['a=1', 'a2=1', 'poke restart a'])
    expect(outcomesOf(events)).not.toContain('Reload a changed')
  })

  it('does not run where nothing changed', async () => {
    const world = createWorld()
    world.values.set('a', '1').set('a2', '1')
    const { events } = await runSmall(phases(world), { selection: { limit: 'a' } })
    expect(outcomesOf(events)).toContain('Restart a skipped not-notified')
  })

  it('is owed where a later step failed, and runs the next time', async () => {
    const { openLedger, emptyLedger } = await import('../../src/run/ledger.ts')
    const ledger = openLedger({ value: emptyLedger(), save: () => Promise.resolve() })
    const world = createWorld()
    world.faults.set('a2', ['fail', 'none'])
    await runSmall(phases(world), { selection: { limit: 'a' }, ledger })
    expect(world.writes).toEqual(['a=1'])
    await runSmall(phases(world), { selection: { limit: 'a' }, ledger })
    expect(world.writes).toEqual(['a=1', 'a2=1', 'poke restart a'])
    world.writes.length = 0
    await runSmall(phases(world), { selection: { limit: 'a' }, ledger })
    expect(world.writes).toEqual([])
  })
})

describe('a block', () => {
  const phases =
    (world: ReturnType<typeof createWorld>): SmallPhases =>
    ({ phase }) => [
      phase({
        name: 'First',
        per: 'node',
        steps: ({ step, block }) => [
          block('Careful', {
            steps: [
              step('Try', ({ node }) => world.value({ key: node.name, value: '1' })),
              step('Then', ({ node }) => world.value({ key: `then ${node.name}`, value: '1' })),
            ],
            rescue: [step('Rescue', ({ node }) => world.value({ key: `rescue ${node.name}`, value: '1' }))],
            always: [step('Always', ({ node }) => world.value({ key: `always ${node.name}`, value: '1' }))],
          }),
          step('After', ({ node }) => world.value({ key: `after ${node.name}`, value: '1' })),
        ],
      }),
    ]

  it('runs its rescue where a step failed, then goes on, and counts as rescued', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail'])
    const { events, recap } = await runSmall(phases(world), { selection: { limit: 'a' } })
    expect(outcomesOf(events)).toEqual([
      'Try a failed',
      'Then a skipped after-failure',
      'Rescue a changed',
      'Always a changed',
      'After a changed',
    ])
    expect(recap.targets[0]).toMatchObject({ failed: 0, rescued: 1, ok: 3, skipped: 1 })
    expect(recap.exitCode).toBe(0)
  })

  it('runs what stands under always, but no rescue, where nothing failed', async () => {
    const world = createWorld()
    const { events } = await runSmall(phases(world), { selection: { limit: 'a' } })
    expect(outcomesOf(events)).toContain('Rescue a skipped not-needed')
    expect(outcomesOf(events)).toContain('Always a changed')
  })

  it('runs neither where the target could not be reached', async () => {
    const world = createWorld()
    world.faults.set('read a', ['unreachable'])
    const { events, recap } = await runSmall(phases(world), { selection: { limit: 'a' } })
    expect(
      outcomesOf(events)
        .slice(1)
        .every((line) => line.endsWith('skipped after-failure')),
    ).toBe(true)
    expect(recap.targets[0]).toMatchObject({ unreachable: 1, rescued: 0 })
  })

  it('fails where its rescue fails, after what stands under always', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail']).set('rescue a', ['fail'])
    const { events, recap } = await runSmall(phases(world), { selection: { limit: 'a' } })
    expect(outcomesOf(events)).toContain('Always a changed')
    expect(outcomesOf(events)).toContain('After a skipped after-failure')
    expect(recap.exitCode).toBe(2)
  })
})
