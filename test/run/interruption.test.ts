import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import type { Operator } from '../../src/model/operator.ts'
import { defineModule } from '../../src/sdk.ts'
import {
  createWorld,
  nobody,
  outcomesOf,
  runSmall,
  somebody,
  type SmallPhases,
} from '../support/small-world.ts'

const setEach =
  (world: ReturnType<typeof createWorld>): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'One',
      per: 'node',
      steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
    }),
  ]

/** Somebody who is asked and never answers. */
const silent: Operator = {
  isAsked: true,
  perform: (_task, { signal }) => untilAborted(signal),
  confirm: (_question, { signal }) => untilAborted(signal),
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(new DOMException('aborted', 'AbortError'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
  })
}

describe('an interruption', () => {
  it('at a question of --step still gives every step an outcome, and a recap', async () => {
    const world = createWorld()
    const draining = new AbortController()
    const { events, recap, pairs } = await runSmall(setEach(world), {
      step: true,
      operator: silent,
      draining: draining.signal,
      onEvent: ({ type }) => {
        if (type === 'operator.asked') draining.abort('SIGINT')
      },
    })
    expect(outcomesOf(events)).toEqual(['It is set a skipped interrupted', 'It is set b skipped interrupted'])
    expect(pairs).toBe(2)
    expect(recap.exitCode).toBe(130)
    expect(events.filter(({ type }) => type === 'operator.asked')).toHaveLength(1)
  })

  it('while steps queue for a limit lets none of them begin', async () => {
    const draining = new AbortController()
    const applied: string[] = []
    const slow = defineModule({
      name: 'test/slow',
      summary: 'Takes turns.',
      connection: 'none',
      params: z.strictObject({ key: z.string() }),
      read: ({ params }) => Promise.resolve({ done: applied.includes(params.key) }),
      diff: ({ done }) => (done ? [] : [{ path: 'done', from: false, to: true }]),
      async apply({ params }) {
        await turn()
        draining.abort('SIGINT')
        applied.push(params.key)
      },
      limits: () => [{ name: 'the one', max: 1 }],
    })
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [step('Slow', ({ node }) => slow({ key: node.name }))],
        }),
      ],
      { draining: draining.signal },
    )
    expect(applied).toEqual(['a'])
    expect(outcomesOf(events)).toEqual(
      expect.arrayContaining(['Slow a changed', 'Slow b skipped interrupted']),
    )
  })

  it('is told as one whatever a wait that it ended throws', async () => {
    const world = createWorld()
    world.faults.set('a', ['fail'])
    const draining = new AbortController()
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('Tried again', ({ node }) => world.value({ key: node.name, value: '1' }), {
              retry: { attempts: 5, delay: 10 },
            }),
          ],
        }),
      ],
      {
        selection: { limit: 'a' },
        draining: draining.signal,
        onEvent: ({ type }) => {
          if (type === 'step.retried') draining.abort('SIGINT')
        },
      },
    )
    expect(events.find(({ type }) => type === 'step.finished')).toMatchObject({ error: { code: 'ABORTED' } })
  })

  it('is listened for by no step that has finished', async () => {
    const world = createWorld()
    const [draining, aborting] = [new AbortController().signal, new AbortController().signal]
    await runSmall(setEach(world), { draining, aborting })
    expect(getEventListeners(draining, 'abort')).toEqual([])
    expect(getEventListeners(aborting, 'abort')).toEqual([])
  })

  it('before the run has begun, or after it has ended, keeps its place in the order of events', async () => {
    const world = createWorld()
    const before = await runSmall(setEach(world), { draining: AbortSignal.abort('SIGTERM') })
    expect(before.events.map(({ type }) => type).slice(0, 2)).toEqual(['run.started', 'run.interrupted'])
    expect(before.recap.exitCode).toBe(130)

    const draining = new AbortController()
    const after = await runSmall(setEach(world), { draining: draining.signal })
    draining.abort('SIGINT')
    expect(after.events.at(-1)?.type).toBe('run.finished')
  })
})

describe('a question', () => {
  it('of --step that is answered with “all” is not put again, and agrees to nothing disruptive', async () => {
    const world = createWorld()
    const questions: string[] = []
    const operator: Operator = {
      ...somebody(() => undefined),
      confirm: (question) => {
        questions.push(question)
        return Promise.resolve(question.includes('restarts') ? 'no' : 'all')
      },
    }
    const risky = defineModule({
      ...world.value.uses,
      name: 'test/risky',
      connection: 'none',
      disruptive: () => 'it restarts',
    })
    const { events } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('Harmless', ({ node }) => world.value({ key: node.name, value: '1' })),
            step('Risky', ({ node }) => risky({ key: `${node.name}2`, value: '1' })),
          ],
        }),
      ],
      { step: true, operator, selection: { limit: 'a' } },
    )
    expect(questions).toEqual(['(a) Harmless?', 'a: Risky — it restarts. Go on?'])
    expect(outcomesOf(events)).toEqual(['Harmless a changed', 'Risky a failed'])
  })

  it('of --step that nobody is there to answer fails the step instead of leaving it out in silence', async () => {
    const { events, recap } = await runSmall(setEach(createWorld()), { step: true, operator: nobody })
    expect(outcomesOf(events)[0]).toBe('It is set a failed')
    expect(recap.exitCode).toBe(2)
  })
})
