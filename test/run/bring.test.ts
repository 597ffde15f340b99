import { describe, expect, it } from 'vitest'

import type { BringUse } from '../../src/model/operator.ts'
import { defineModule } from '../../src/sdk.ts'
import { createWorld, nobody, outcomesOf, runSmall, somebody, type SmallRun } from '../support/small-world.ts'

/** Runs one step that a person has to do, or that something else brings about. */
async function awaitFile(
  world: ReturnType<typeof createWorld>,
  bring: (use: BringUse) => Promise<boolean>,
  options: SmallRun = {},
) {
  const there = defineModule({ ...world.value.uses, connection: 'none', apply: undefined as never })
  return runSmall(
    ({ phase }) => [
      phase({
        name: 'Wait',
        per: 'cluster',
        steps: ({ step }) => [
          step('There', () => there({ key: 'file', value: 'there' }), {
            confirm: () => ({ title: 'Bring it', instructions: ['to the folder'], bring }),
          }),
        ],
      }),
    ],
    options,
  )
}

describe('a thing that a person or something else can bring', () => {
  it('is waited for where nobody sits at the keyboard, and what is waited for is told', async () => {
    const world = createWorld()
    const { events } = await awaitFile(
      world,
      ({ tell }) => {
        tell('the file to come')
        world.values.set('file', 'there')
        return Promise.resolve(true)
      },
      { operator: nobody },
    )
    expect(outcomesOf(events)).toEqual(['There fra-1 changed'])
    expect(events.filter(({ type }) => type === 'step.waiting')).toMatchObject([
      { kind: 'person', reason: 'the file to come' },
    ])
  })

  it('is no longer waited for once the person has done it', async () => {
    const world = createWorld()
    let ended = false
    const { events } = await awaitFile(
      world,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            ended = true
            reject(signal.reason as Error)
          })
        }),
      { operator: somebody(() => void world.values.set('file', 'there')) },
    )
    expect(outcomesOf(events)).toEqual(['There fra-1 changed'])
    expect(ended).toBe(true)
  })

  it('fails with the instructions where neither can bring it', async () => {
    const { events, recap } = await awaitFile(createWorld(), () => Promise.resolve(false), {
      operator: nobody,
    })
    expect(recap.exitCode).toBe(2)
    expect(JSON.stringify(events)).toContain('to the folder')
  })

  it('fails with the reason where what brings it gives up', async () => {
    const { events } = await awaitFile(
      createWorld(),
      () => Promise.reject(new TypeError('the folder is gone')),
      {
        operator: nobody,
      },
    )
    expect(JSON.stringify(events)).toContain('the folder is gone')
  })
})
