import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ConnectError } from '../../src/model/error.ts'
import { emptyLedger, openLedger, type LedgerState } from '../../src/run/ledger.ts'
import { defineModule } from '../../src/sdk.ts'
import { createWorld, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

/** A ledger whose disk is a text: what a killed process would find again. */
function createDisk() {
  const state = emptyLedger()
  let text = JSON.stringify(state)
  return {
    ledger: openLedger({
      value: state,
      save: () => {
        text = JSON.stringify(state)
        return Promise.resolve()
      },
    }),
    /** What the next process reads. */
    reopen: () => openLedger({ value: JSON.parse(text) as LedgerState, save: () => Promise.resolve() }),
    read: () => JSON.parse(text) as LedgerState,
  }
}

describe('a handler', () => {
  const notifying =
    (world: ReturnType<typeof createWorld>): SmallPhases =>
    ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
            notify: ['Restart'],
          }),
        ],
        handlers: ({ step }) => [step('Restart', ({ node }) => world.poke({ key: node.name }))],
      }),
    ]

  it('is owed before the change that notifies it is made, so that a killed process forgets none', async () => {
    const disk = createDisk()
    const world = createWorld()
    let owedAtApply: unknown
    const watched: typeof world = {
      ...world,
      value: defineModule({
        ...world.value.uses,
        name: 'test/watched',
        connection: 'none',
        async apply(context) {
          owedAtApply = disk.read().owed
          await world.value.uses.apply?.(context)
        },
      }),
    }
    await runSmall(notifying(watched), { selection: { limit: 'a' }, ledger: disk.ledger })
    expect(owedAtApply).toEqual({ a: ['one/Restart'] })
    expect(disk.read().owed).toEqual({})
  })

  it('runs the next time where the target was lost after the change was made', async () => {
    const disk = createDisk()
    const world = createWorld()
    world.faults.set('read a', ['none', 'unreachable', 'none'])
    await runSmall(notifying(world), { selection: { limit: 'a' }, ledger: disk.ledger })
    expect(world.writes).toEqual(['a=1'])
    const { events } = await runSmall(notifying(world), { selection: { limit: 'a' }, ledger: disk.reopen() })
    expect(outcomesOf(events)).toEqual(['It is set a ok', 'Restart a changed'])
  })

  it('whose condition does not hold is neither owed for ever nor run for its namesake in a later phase', async () => {
    const disk = createDisk()
    const world = createWorld()
    const { events } = await runSmall(
      ({ phase }) =>
        [false, true].map((holds, index) =>
          phase({
            name: `Phase ${index}`,
            per: 'node',
            steps: ({ step }) => [
              step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
                notify: ['Restart'],
              }),
            ],
            handlers: ({ step }) => [
              step('Restart', ({ node }) => world.poke({ key: node.name }), { when: () => holds }),
            ],
          }),
        ),
      { selection: { limit: 'a' }, ledger: disk.ledger },
    )
    expect(outcomesOf(events)).toEqual([
      'It is set a changed',
      'Restart a skipped condition',
      'It is set a ok',
      'Restart a skipped not-notified',
    ])
    expect(disk.read().owed).toEqual({})
  })
})

describe('an effect that cannot be read back', () => {
  /** Applies `value`; loses the line afterwards where it is told to. */
  const createBlind = () => {
    const applied: string[] = []
    const faults: boolean[] = []
    const blind = defineModule({
      name: 'test/blind',
      summary: 'Cannot be read back.',
      connection: 'none',
      params: z.strictObject({ value: z.string() }),
      readBack: { kind: 'none', why: 'nothing shows it', identity: () => 'vm-1' },
      read: () => Promise.resolve({}),
      diff: (_facts, { value }) => [{ path: 'value', to: value }],
      apply({ params }) {
        applied.push(params.value)
        return faults.shift() === true
          ? Promise.reject(new ConnectError('reset', 'the line was lost'))
          : Promise.resolve()
      },
    })
    const set =
      (value: string): SmallPhases =>
      ({ phase }) => [
        phase({ name: 'One', per: 'node', steps: ({ step }) => [step('It is set', () => blind({ value }))] }),
      ]
    return { applied, faults, set }
  }

  it('is not believed to be the former one any more once another was begun', async () => {
    const disk = createDisk()
    const { applied, faults, set } = createBlind()
    const options = { selection: { limit: 'a' } }
    await runSmall(set('old'), { ...options, ledger: disk.ledger })
    faults.push(true)
    await runSmall(set('new'), { ...options, ledger: disk.ledger })
    const { events } = await runSmall(set('old'), { ...options, ledger: disk.reopen() })
    expect(outcomesOf(events)).toEqual(['It is set a changed'])
    expect(applied).toEqual(['old', 'new', 'old'])
    const again = await runSmall(set('old'), { ...options, ledger: disk.ledger })
    expect(outcomesOf(again.events)).toEqual(['It is set a changed'])
  })
})

describe('a step that tries again', () => {
  it('has changed something where an earlier attempt did', async () => {
    const world = createWorld()
    world.faults.set('read a', ['none', 'fail-read', 'none'])
    const { events, recap } = await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step }) => [
            step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
              retry: { attempts: 2, delay: 1 },
            }),
          ],
        }),
      ],
      { selection: { limit: 'a' } },
    )
    expect(world.writes).toEqual(['a=1'])
    expect(outcomesOf(events)).toEqual(['It is set a changed'])
    expect(events.find(({ type }) => type === 'step.finished')).toMatchObject({
      changes: [{ path: 'value', from: null, to: '1' }],
      proof: 'proven',
    })
    expect(recap.targets[0]).toMatchObject({ ok: 1, changed: 1 })
  })
})
