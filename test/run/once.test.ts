import { describe, expect, it } from 'vitest'

import type { Connections } from '../../src/model/connections.ts'
import { handle } from '../../src/sdk.ts'
import { createWorld, estateOf, outcomesOf, runSmall } from '../support/small-world.ts'

/** Every site has a system of its own. */
const connections: Connections = {
  systemOf: (_kind, { site }) => site ?? '',
  forget: () => Promise.resolve(),
  reader: () => Promise.resolve(undefined),
  writer: () => Promise.resolve(undefined),
  leftovers: () => [],
  close: () => Promise.resolve(),
}

describe('a step that runs once', () => {
  it('runs once in each system, also where the params are the same', async () => {
    const world = createWorld()
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('Port group', () => world.value({ key: 'VSE', value: '1' }), { once: true }),
          ],
        }),
      ],
      { connections, estate: estateOf({ fra: { 'fra-1': ['a', 'b'] }, ams: { 'ams-1': ['x'] } }) },
    )
    const shared = events.flatMap((event) =>
      event.type === 'step.finished' && event.sharedWith !== undefined ? [event.target] : [],
    )
    expect(shared).toEqual(['b'])
  })

  it('gives what it registers to all who share it', async () => {
    const world = createWorld()
    const found = handle<{ readonly value: string | null }>('found')
    const { events } = await runSmall(({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('Shared', () => world.value({ key: 's', value: '7' }), { once: true, register: found }),
          step('Used', ({ node }, results) =>
            world.value({ key: node.name, value: results(found).value ?? '' }),
          ),
        ],
      }),
    ])
    expect(outcomesOf(events)).toEqual(expect.arrayContaining(['Used a changed', 'Used b changed']))
    expect(world.values.get('b')).toBe('7')
  })
})
