import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ConnectError } from '../../src/model/error.ts'
import { defineAction, defineModule, handle } from '../../src/sdk.ts'
import { createWorld, estateOf, outcomesOf, runSmall } from '../support/small-world.ts'

/** A check: it has nothing to apply. */
const holds = (world: ReturnType<typeof createWorld>) => {
  return defineModule({
    ...world.value.uses,
    name: 'test/holds',
    connection: 'none',
    apply: undefined as never,
  })
}

const twoClusters = estateOf({ fra: { 'fra-1': ['a'], 'fra-2': ['x'] } })

describe('check mode', () => {
  it('knows of a predicted change in every lane that shares it', async () => {
    const world = createWorld()
    const { events, recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('Shared', () => world.value({ key: 'shared', value: '1' }), { once: true }),
            step('It is there', () => holds(world)({ key: 'shared', value: '1' })),
          ],
        }),
      ],
      { check: true, estate: twoClusters },
    )
    expect(outcomesOf(events).filter((line) => line.startsWith('It is'))).toEqual([
      'It is there a skipped unpredictable',
      'It is there x skipped unpredictable',
    ])
    expect(recap.exitCode).toBe(0)
  })

  it.each(['site', 'estate'] as const)(
    'does not fail a check per %s for a change that it only predicted below',
    async (per) => {
      const world = createWorld()
      const { recap } = await runSmall(
        ({ phase }) => [
          phase({
            name: 'Make',
            per: 'node',
            steps: ({ step }) => [step('Made', ({ node }) => world.value({ key: node.name, value: '1' }))],
          }),
          phase({
            name: 'Test',
            per,
            steps: ({ step }) => [step('It is there', () => holds(world)({ key: 'a', value: '1' }))],
          }),
        ],
        { check: true, estate: twoClusters },
      )
      expect(recap.exitCode).toBe(0)
    },
  )

  it('does not take a site’s prediction for another site’s', async () => {
    const world = createWorld()
    world.values.set('y', '1')
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'Make',
          per: 'node',
          steps: ({ step }) => [step('Made', ({ node }) => world.value({ key: node.name, value: '1' }))],
        }),
        phase({
          name: 'Test',
          per: 'site',
          steps: ({ step }) => [
            step('It is there', ({ site }) => holds(world)({ key: `of ${site.name}`, value: '1' })),
          ],
        }),
      ],
      { check: true, estate: estateOf({ fra: { 'fra-1': ['x'] }, ams: { 'ams-1': ['y'] } }) },
    )
    expect(outcomesOf(events)).toEqual(
      expect.arrayContaining(['It is there fra skipped unpredictable', 'It is there ams failed']),
    )
  })

  it('does not work out a step from facts that the change before it would replace', async () => {
    const world = createWorld()
    const found = handle<{ readonly value: string | null }>('found')
    const poked = handle<{ readonly id: string }>('poked')
    const poke = defineAction({
      name: 'test/id',
      summary: 'Makes an id.',
      connection: 'none',
      params: z.strictObject({}),
      changes: 'always',
      run: () => Promise.resolve({ id: '7' }),
    })
    const { events, recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('Made', ({ node }) => world.value({ key: node.name, value: '1' }), { register: found }),
            step('Poked', () => poke({}), { register: poked }),
            step('From what was made', (_scope, results) =>
              world.value({ key: 'x', value: results(found).value?.toString() as string }),
            ),
            step('From what was poked', (_scope, results) =>
              world.value({ key: 'y', value: results(poked).id }),
            ),
          ],
        }),
      ],
      { check: true, selection: { limit: 'a' } },
    )
    expect(outcomesOf(events)).toEqual([
      'Made a changed',
      'Poked a skipped unpredictable',
      'From what was made a skipped unpredictable',
      'From what was poked a skipped unpredictable',
    ])
    expect(recap.exitCode).toBe(0)
  })

  it('cannot tell what an action that only looks would see of what is not there yet', async () => {
    const world = createWorld()
    const look = defineAction({
      name: 'test/look',
      summary: 'Looks.',
      connection: 'none',
      params: z.strictObject({}),
      changes: 'never',
      run: () => Promise.reject(new ConnectError('absent', 'there is no such VM')),
    })
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('Made', ({ node }) => world.value({ key: node.name, value: '1' })),
            step('Looked at', () => look({})),
          ],
        }),
      ],
      { check: true, selection: { limit: 'a' } },
    )
    expect(outcomesOf(events)).toEqual(['Made a changed', 'Looked at a skipped unpredictable'])
  })
})
