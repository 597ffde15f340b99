import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { defineModule } from '../../src/sdk.ts'
import { createWorld, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

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
})
