import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import type { Connections } from '../../src/model/connections.ts'
import { emptyLedger, openLedger } from '../../src/run/ledger.ts'
import { defineModule } from '../../src/sdk.ts'
import { createWorld, estateOf, outcomesOf, runSmall, type SmallRun } from '../support/small-world.ts'

const counted = defineModule({
  name: 'test/counted',
  summary: 'A thing that is staged.',
  connection: 'none',
  params: z.strictObject({}),
  read: () => Promise.resolve({}),
  diff: () => [],
  apply: () => Promise.resolve(),
  demands: () => [{ quota: 'POST /things', perHour: 400, calls: 2, seconds: 3 }],
  caution: 'Things go live by themselves.',
})

/** Notes that a thing is off, and takes that back where it is seen to be on. */
const noted = defineModule({
  name: 'test/noted',
  summary: 'A thing that is on.',
  connection: 'none',
  params: z.strictObject({ on: z.boolean() }),
  read: ({ params: { on }, recall }) => Promise.resolve({ on, note: recall('thing') ?? '' }),
  diff: ({ on, note }, _params) => (on || note !== '' ? [] : [{ path: 'note', to: 'off' }]),
  apply: ({ remember }) => remember('thing', 'off'),
  refutes: ({ on }) => (on ? ['thing', 'another'] : []),
})

const connections: Connections = {
  systemOf: () => '',
  reader: () => Promise.resolve(undefined),
  writer: () => Promise.resolve(undefined),
  forget: () => Promise.resolve(),
  leftovers: () => ['Two things go live at 02:10.'],
  close: () => Promise.resolve(),
}

describe('a run', () => {
  it.each([
    [false, ['at most 4 × POST /things; about 12 s, one after the other', 'Things go live by themselves.']],
    [true, ['Things go live by themselves.']],
  ])(
    'says before it begins what it may ask for and what may happen by itself (--check: %s)',
    async (check, notes) => {
      const { events } = await runSmall(
        ({ phase }) => [
          phase({ name: 'One', per: 'node', steps: ({ step }) => [step('Count', () => counted({}))] }),
        ],
        { check, connections },
      )
      expect(events[0]).toMatchObject({ type: 'run.started', notes })
      expect(events.at(-1)).toMatchObject({ type: 'run.finished', notes: ['Two things go live at 02:10.'] })
    },
  )

  it('takes back a note that no longer holds by what was read, and not in check mode', async () => {
    const look = async (on: boolean, more: SmallRun): Promise<readonly string[]> => {
      const { events } = await runSmall(
        ({ phase }) => [
          phase({ name: 'One', per: 'cluster', steps: ({ step }) => [step('Note', () => noted({ on }))] }),
        ],
        { estate: estateOf({ fra: { 'fra-1': ['a'] } }), ...more },
      )
      return outcomesOf(events)
    }
    const ledger = openLedger({ value: emptyLedger(), save: () => Promise.resolve() })
    const thing = { module: 'test/noted', target: 'fra-1', identity: 'thing' }
    expect(await look(false, { ledger })).toEqual(['Note fra-1 changed'])
    expect(await look(true, { ledger, check: true })).toEqual(['Note fra-1 ok'])
    expect(ledger.recall(thing)).toBe('off')
    expect(await look(true, { ledger })).toEqual(['Note fra-1 ok'])
    expect(ledger.recall(thing)).toBeUndefined()
    expect(ledger.recall({ ...thing, identity: 'another' })).toBeUndefined()
    expect(await look(false, { ledger })).toEqual(['Note fra-1 changed'])
  })

  it('finds what a step that is done once has noted, whichever target asks for it', async () => {
    const ledger = openLedger({ value: emptyLedger(), save: () => Promise.resolve() })
    const look = async (limit: string): Promise<readonly string[]> => {
      const { events } = await runSmall(
        ({ phase }) => [
          phase({
            name: 'One',
            per: 'node',
            steps: ({ step }) => [step('Note', () => noted({ on: false }), { once: true })],
          }),
        ],
        { estate: estateOf({ fra: { 'fra-1': [limit] } }), ledger },
      )
      return outcomesOf(events)
    }
    expect(await look('a')).toEqual(['Note a changed'])
    expect(await look('b')).toEqual(['Note b ok'])
  })

  it('tells a step which clusters have failed before it, but for those that were rescued', async () => {
    const world = createWorld()
    for (const key of ['a', 'mend a', 'x']) world.faults.set(key, ['fail'])
    const told: (readonly string[])[] = []
    const listening = defineModule({
      name: 'test/listening',
      summary: 'Hears what has failed.',
      connection: 'none',
      params: z.strictObject({}),
      read({ failed = [] }) {
        told.push(failed)
        return Promise.resolve({})
      },
      diff: () => [],
    })
    await runSmall(
      ({ phase }) => [
        phase({
          name: 'One',
          per: 'node',
          steps: ({ step, block }) => [
            block('Try', {
              steps: [step('Set', ({ node }) => world.value({ key: node.name, value: '1' }))],
              rescue: [step('Mend', ({ node }) => world.value({ key: `mend ${node.name}`, value: '1' }))],
            }),
          ],
        }),
        phase({ name: 'Two', per: 'estate', steps: ({ step }) => [step('Listen', () => listening({}))] }),
      ],
      { estate: estateOf({ fra: { 'fra-1': ['a', 'b'], 'fra-2': ['x'] } }) },
    )
    expect(told).toEqual([['fra-1']])
  })
})
