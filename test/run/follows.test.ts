import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { defineModule, type Change } from '../../src/sdk.ts'
import { createWorld, estateOf, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

/** Carries out what other modules have staged. */
const activation = defineModule({
  name: 'test/activation',
  summary: 'Everything staged is active.',
  connection: 'none',
  params: z.strictObject({}),
  absent: { status: 'PENDING' },
  follows: true,
  read: () => Promise.resolve({ status: 'ACTIVE' }),
  diff: ({ status }) => (status === 'ACTIVE' ? [] : [{ path: 'status', from: status, to: 'ACTIVE' }]),
  apply: () => Promise.resolve(),
})

const phases =
  (world: ReturnType<typeof createWorld>): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'Stage',
      per: 'node',
      steps: ({ step }) => [step('Staged', ({ node }) => world.value({ key: node.name, value: '1' }))],
    }),
    phase({ name: 'Activate', per: 'estate', steps: ({ step }) => [step('Active', () => activation({}))] }),
  ]

describe('a module that carries out what others stage', () => {
  it('is predicted in check mode where one of their changes is', async () => {
    const { events } = await runSmall(phases(createWorld()), { check: true })
    expect(outcomesOf(events)).toContain('Active estate changed')
  })

  it('is not predicted where none is', async () => {
    const world = createWorld()
    world.values.set('a', '1').set('b', '1')
    const { events } = await runSmall(phases(world), { check: true })
    expect(outcomesOf(events)).toContain('Active estate ok')
  })

  it('looks at the real thing outside check mode', async () => {
    const { events } = await runSmall(phases(createWorld()))
    expect(outcomesOf(events)).toContain('Active estate ok')
  })

  it.each([
    [{}, ['estate', 'fra', 'fra-1', 'fra-2']],
    [{ tags: ['staged', 'active'] }, ['estate', 'fra', 'fra-1', 'fra-2']],
    [{ skipTags: ['looked-at', 'elsewhere'] }, ['estate', 'fra', 'fra-1', 'fra-2']],
    // A step tagged `always` runs for every node, and so do those after the one to start at: neither is what was left out.
    [{ tags: ['active'] }, ['estate', 'fra']],
    [{ startAt: 'Active' }, ['estate', 'fra']],
    [{ limit: 'a' }, ['estate', 'fra']],
    [{ limit: 'fra-2' }, ['estate', 'fra', 'fra-2']],
  ])(
    'is told, with %j, of which clusters all is done that they may have staged',
    async (selection, domains) => {
      const told: unknown[] = []
      const world = createWorld()
      const listener = defineModule({
        name: 'test/listener',
        summary: 'It is told.',
        connection: 'none',
        params: z.strictObject({}),
        read: (context) => Promise.resolve(void told.push(context.domains)),
        diff: () => [],
      })
      const common = {
        params: z.strictObject({}),
        read: () => Promise.resolve({}),
        diff: (): readonly Change[] => [],
      }
      const look = defineModule({ name: 'test/look', summary: 'It is seen.', connection: 'none', ...common })
      const elsewhere = defineModule({
        name: 'test/elsewhere',
        summary: 'It is built.',
        connection: 'vsphere',
        ...common,
        apply: () => Promise.resolve(),
      })
      await runSmall(
        ({ phase }) => [
          phase({
            name: 'Stage',
            per: 'node',
            steps: ({ step }) => [
              step('Asked for', () => look({}), { tags: ['always'] }),
              step('Looked at', () => look({}), { tags: ['looked-at'] }),
              step('Staged', ({ node }) => world.value({ key: node.name, value: '1' }), { tags: ['staged'] }),
              step('Rare', ({ node }) => world.value({ key: node.name, value: '2' }), { tags: ['never'] }),
            ],
          }),
          phase({
            name: 'Activate',
            per: 'estate',
            steps: ({ step }) => [step('Active', () => listener({}), { tags: ['active'] })],
          }),
          phase({
            name: 'Build',
            per: 'node',
            steps: ({ step }) => [step('Elsewhere', () => elsewhere({}), { tags: ['elsewhere'] })],
          }),
        ],
        { estate: estateOf({ fra: { 'fra-1': ['a', 'b'], 'fra-2': ['c'] } }), selection },
      )
      expect(told).toEqual([domains])
    },
  )
})
