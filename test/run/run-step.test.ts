import { describe, expect, it } from 'vitest'

import type { Change } from '../../src/model/change.ts'
import type { Connections } from '../../src/model/connections.ts'
import { defineModule, handle } from '../../src/sdk.ts'
import { createWorld, outcomesOf, runSmall } from '../support/small-world.ts'

/** Sets a value on one node, in three attempts at most. */
const setInThree = (world: ReturnType<typeof createWorld>) =>
  runSmall(
    ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
            retry: { attempts: 3, delay: 5 },
          }),
        ],
      }),
    ],
    { selection: { limit: 'a' } },
  )

describe('a step', () => {
  it('reads, changes, and proves the change by reading again', async () => {
    const world = createWorld()
    const { events, recap } = await runSmall(({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
      }),
    ])
    expect(outcomesOf(events)).toEqual(['It is set a changed', 'It is set b changed'])
    expect(world.reads).toEqual(['a', 'b', 'a', 'b'])
    expect(recap.targets[0]).toMatchObject({ target: 'a', ok: 1, changed: 1, failed: 0 })
    expect(recap.exitCode).toBe(0)
  })

  it('changes nothing the second time', async () => {
    const world = createWorld()
    const phases: Parameters<typeof runSmall>[0] = ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
      }),
    ]
    await runSmall(phases)
    const { events } = await runSmall(phases)
    expect(outcomesOf(events)).toEqual(['It is set a ok', 'It is set b ok'])
    expect(world.writes).toHaveLength(2)
  })

  it('that makes a machine has what was learned of an earlier one forgotten before, and otherwise not', async () => {
    const world = createWorld()
    const told: string[] = []
    const { uses } = world.value
    const made = {
      ...uses,
      creates: () => true,
      apply: async (context) => {
        told.push(`make ${context.target}`)
        await uses.apply?.(context)
      },
    } satisfies typeof uses
    const connections: Connections = {
      systemOf: () => 'world',
      reader: () => Promise.resolve(undefined),
      writer: () => Promise.resolve(undefined),
      forget: async ({ name }) => void told.push(`forget ${name}`),
      leftovers: () => [],
      close: () => Promise.resolve(),
    }
    const phases: Parameters<typeof runSmall>[0] = ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is made', ({ node }) => ({ uses: made, input: { key: node.name, value: '1' } })),
          step('It is set', () => world.value({ key: 'other', value: '1' })),
        ],
      }),
    ]
    for (const check of [true, false, false]) await runSmall(phases, { check, connections, forks: 1 })
    expect(told.toSorted()).toEqual(['forget a', 'forget b', 'make a', 'make b'])
    expect(told.indexOf('forget a')).toBeLessThan(told.indexOf('make a'))
  })

  it('fails where what was applied did not take', async () => {
    const world = createWorld()
    world.faults.set('a', ['does-not-take'])
    const { events, recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
        }),
      ],
      { selection: { limit: 'a' } },
    )
    const finished = events.find((event) => event.type === 'step.finished')
    expect(finished).toMatchObject({ outcome: 'failed', error: { code: 'MODULE' } })
    expect(JSON.stringify(finished)).toContain('applied, but it did not take: value is null, not')
    expect(recap.exitCode).toBe(2)
  })

  it.each([
    [undefined, 'found by test/value: A named value.'],
    [
      (changes: readonly Change[], { key }: { key: string }) => `mend ${changes.length} of ${key}`,
      'mend 1 of a',
    ],
  ])('that only looks says what to do about what it found', async (hint, wanted) => {
    const world = createWorld()
    const looks = defineModule({
      ...world.value.uses,
      connection: 'none',
      apply: undefined as never,
      ...(hint === undefined ? {} : { hint }),
    })
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [step('It is so', ({ node }) => looks({ key: node.name, value: '1' }))],
        }),
      ],
      { selection: { limit: 'a' } },
    )
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.finished',
        error: expect.objectContaining({ message: 'value is null, wanted "1"', hint: wanted }),
      }),
    )
  })

  it('in check mode reads, tells, and writes nothing', async () => {
    const world = createWorld()
    const { events, recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('It is set', ({ node }) => world.value({ key: node.name, value: '1' })),
            step('It is poked', ({ node }) => world.poke({ key: node.name })),
          ],
        }),
      ],
      { check: true, selection: { limit: 'a' } },
    )
    expect(outcomesOf(events)).toEqual(['It is set a changed', 'It is poked a skipped unpredictable'])
    expect(world.writes).toEqual([])
    expect(recap.exitCode).toBe(0)
  })

  it('tries as often as it says, the first time included', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail', 'fail', 'none'])
    const { events } = await setInThree(world)
    expect(events.filter(({ type }) => type === 'step.retried')).toHaveLength(2)
    expect(outcomesOf(events)).toEqual(['It is set a changed'])
  })

  it('tries nothing again where a password was refused, by whoever is on the way', async () => {
    const world = createWorld()
    world.faults.set('read a', ['refused-on-the-way'])
    const { events } = await setInThree(world)
    expect(events.filter(({ type }) => type === 'step.retried')).toEqual([])
    expect(outcomesOf(events)).toEqual(['It is set a unreachable'])
  })

  it('gives up after its last attempt', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail'])
    const { events, recap } = await setInThree(world)
    expect(events.filter(({ type }) => type === 'step.retried')).toHaveLength(2)
    expect(recap.targets.find(({ target }) => target === 'a')).toMatchObject({ ok: 0, failed: 1 })
  })

  it('begins no attempt later than it says, however many are left', async () => {
    const world = createWorld()
    world.faults.set('read a', ['fail-read'])
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('It holds', ({ node }) => world.value({ key: node.name, value: '1' }), {
              retry: { attempts: 60, delay: 10, within: 35 },
            }),
          ],
        }),
      ],
      { selection: { limit: 'a' } },
    )
    expect(world.reads).toHaveLength(4)
    const [error] = events.flatMap((event) => (event.type === 'step.finished' ? [event.error] : []))
    expect(error?.message).toBe('a cannot be read')
  })

  it('hands its facts to a later step of the same target through a typed handle', async () => {
    const world = createWorld()
    const found = handle<{ readonly value: string | null }>('found')
    world.values.set('a', 'blue')
    await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('It is blue', ({ node }) => world.value({ key: node.name, value: 'blue' }), {
              register: found,
            }),
            step('Its twin is, too', ({ node }, results) =>
              world.value({ key: `${node.name}-twin`, value: results(found).value ?? '' }),
            ),
          ],
        }),
      ],
      { selection: { limit: 'a' } },
    )
    expect(world.writes).toEqual(['a-twin=blue'])
  })

  it('with `once` does equal work once for all targets and shares the outcome', async () => {
    const world = createWorld()
    const { events, recap } = await runSmall(({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is shared', () => world.value({ key: 'shared', value: '1' }), { once: true }),
        ],
      }),
    ])
    expect(world.writes).toEqual(['shared=1'])
    expect(outcomesOf(events).toSorted()).toEqual(['It is shared a changed', 'It is shared b ok'])
    expect(recap.targets.map(({ ok }) => ok)).toEqual([1, 1])
  })

  it('with `once` fails for everybody who shares it', async () => {
    const world = createWorld()
    world.faults.set('shared', ['fail'])
    const { recap } = await runSmall(({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is shared', () => world.value({ key: 'shared', value: '1' }), { once: true }),
        ],
      }),
    ])
    expect(recap.targets.map(({ failed }) => failed)).toEqual([1, 1])
  })

  it('with `ignoreFailure` counts as ok and ignored', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail'])
    const { recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('It may fail', ({ node }) => world.value({ key: node.name, value: '1' }), {
              ignoreFailure: true,
            }),
            step('It goes on', ({ node }) => world.value({ key: `${node.name}2`, value: '1' })),
          ],
        }),
      ],
      { selection: { limit: 'a' } },
    )
    expect(recap.targets[0]).toEqual({
      target: 'a',
      ok: 2,
      changed: 1,
      unreachable: 0,
      failed: 0,
      skipped: 0,
      rescued: 0,
      ignored: 1,
    })
    expect(recap.exitCode).toBe(0)
  })
})
