import { describe, expect, it } from 'vitest'

import { createWorld, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

type World = ReturnType<typeof createWorld>

/** A block whose step fails inside a block whose rescue fails, too; the outer one saves it. */
const nested =
  (world: World): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'One',
      per: 'node',
      steps: ({ step, block }) => [
        block('Outer', {
          steps: [
            block('Inner', {
              steps: [step('Try', () => world.value({ key: 'try', value: '1' }))],
              rescue: [step('Inner rescue', () => world.value({ key: 'inner', value: '1' }))],
              always: [step('Inner always', () => world.value({ key: 'always', value: '1' }))],
            }),
          ],
          rescue: [step('Outer rescue', () => world.value({ key: 'outer', value: '1' }))],
        }),
        step('After', () => world.value({ key: 'after', value: '1' })),
      ],
    }),
  ]

describe('a block inside a block', () => {
  it('counts no failure where the outer rescue made up for those of the inner steps and of their rescue', async () => {
    const world = createWorld()
    world.faults.set('try', ['fail']).set('inner', ['fail'])
    const { events, recap } = await runSmall(nested(world), { selection: { limit: 'a' } })
    expect(outcomesOf(events)).toEqual([
      'Try a failed',
      'Inner rescue a failed',
      'Inner always a changed',
      'Outer rescue a changed',
      'After a changed',
    ])
    expect(recap.targets[0]).toMatchObject({ failed: 0, rescued: 2 })
    expect(recap.exitCode).toBe(0)
  })

  it('leaves to the outer rescue only what the inner one did not make up for', async () => {
    const world = createWorld()
    world.faults.set('try', ['fail']).set('always', ['fail'])
    const { recap } = await runSmall(nested(world), { selection: { limit: 'a' } })
    expect(recap.targets[0]).toMatchObject({ failed: 0, rescued: 2 })
    expect(world.writes).toEqual(['inner=1', 'outer=1', 'after=1'])
  })
})

describe('a block that is interrupted', () => {
  it('is not rescued by steps that did not run', async () => {
    const world = createWorld()
    world.faults.set('try', ['fail'])
    const draining = new AbortController()
    const { events, recap } = await runSmall(nested(world), {
      selection: { limit: 'a' },
      draining: draining.signal,
      onEvent: ({ type }) => {
        if (type === 'step.finished') draining.abort('SIGINT')
      },
    })
    expect(outcomesOf(events)).toContain('Inner rescue a skipped interrupted')
    expect(recap.targets[0]).toMatchObject({ failed: 1, rescued: 0 })
  })
})
