import { describe, expect, it } from 'vitest'

import type { HumanTask, Operator } from '../../src/model/operator.ts'
import { createWorld, nobody, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

const consent = () =>
  ({ title: 'Lose fra-1', losses: ['all of it'], types: 'fra-1', otherwise: '-e confirm=fra-1' }) as const

/** Somebody who types the same, whatever is asked, and says yes to every question. */
function typist(typed: string): { readonly operator: Operator; readonly tasks: HumanTask[] } {
  const tasks: HumanTask[] = []
  return {
    tasks,
    operator: {
      isAsked: true,
      perform(task) {
        tasks.push(task)
        return Promise.resolve(task.types === typed)
      },
      confirm: () => Promise.resolve('all'),
    },
  }
}

const removing =
  (world: ReturnType<typeof createWorld>, given?: 'given'): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'Remove',
      per: 'node',
      steps: ({ step }) => [
        step('Gone', ({ node }) => world.value({ key: node.name, value: 'gone' }), {
          consent: () => given ?? consent(),
        }),
      ],
    }),
  ]

describe('a step that wants consent', () => {
  it('changes nothing where nobody is there to type, and --yes does not answer for anybody', async () => {
    const world = createWorld()
    const { events, recap } = await runSmall(removing(world), { yes: true, operator: nobody })
    expect(recap.exitCode).toBe(2)
    expect(world.writes).toEqual([])
    expect(JSON.stringify(events)).toContain('-e confirm=fra-1')
  })

  it('changes nothing where somebody types something else, and asks once for all nodes', async () => {
    const world = createWorld()
    const { operator, tasks } = typist('fra-2')
    const { recap } = await runSmall(removing(world), { yes: true, operator })
    expect(recap.exitCode).toBe(2)
    expect(world.writes).toEqual([])
    expect(tasks).toHaveLength(1)
  })

  it('goes on for every node when the name was typed once', async () => {
    const world = createWorld()
    const { operator, tasks } = typist('fra-1')
    const { events, recap } = await runSmall(removing(world), { operator })
    expect(recap.exitCode).toBe(0)
    expect(world.writes.toSorted()).toEqual(['a=gone', 'b=gone'])
    expect(tasks).toEqual([{ title: 'Lose fra-1', instructions: ['all of it'], types: 'fra-1' }])
    const asked = events.filter(({ type }) => type === 'operator.asked')
    expect(asked).toMatchObject([{ title: 'Lose fra-1', lines: ['all of it', 'to agree, type fra-1'] }])
  })

  it('asks nobody where it was given on the command line, where nothing differs, and in check mode', async () => {
    const given = createWorld()
    expect((await runSmall(removing(given, 'given'))).recap.exitCode).toBe(0)
    expect(given.writes).toHaveLength(2)
    const gone = createWorld()
    gone.values.set('a', 'gone').set('b', 'gone')
    expect((await runSmall(removing(gone))).recap.exitCode).toBe(0)
    const { events } = await runSmall(removing(createWorld()), { check: true })
    expect(outcomesOf(events)).toEqual(['Gone a changed', 'Gone b changed'])
  })
})
