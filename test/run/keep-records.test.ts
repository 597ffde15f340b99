import { describe, expect, it } from 'vitest'

import { StateError } from '../../src/model/error.ts'
import type { Unstamped } from '../../src/model/event.ts'
import { noJournal, type Journal, type JournalEntry } from '../../src/run/journal.ts'
import { keepRecords } from '../../src/run/keep-records.ts'
import { emptyLedger, openLedger } from '../../src/run/ledger.ts'
import { createWorld, estateOf, outcomesOf, runSmall, type SmallPhases } from '../support/small-world.ts'

const full = new StateError('journal.jsonl cannot be written: there is no space left', { hint: 'make room' })

/** A journal on a disk that is full from a certain entry on. */
function fullFrom(isFull: (entry: JournalEntry) => boolean): Journal {
  let from = false
  return {
    ...noJournal,
    write(entry) {
      from ||= isFull(entry)
      return from ? Promise.reject(full) : Promise.resolve()
    },
  }
}

const isOf = (type: JournalEntry['type'], target: string) => (entry: JournalEntry) =>
  entry.type === type && 'target' in entry && entry.target === target

const threeSteps =
  (world: ReturnType<typeof createWorld>): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'One',
      per: 'node',
      steps: ({ step }) =>
        ['First', 'Second', 'Third'].map((name) =>
          step(name, ({ node }) => world.value({ key: `${node.name} ${name}`, value: 'x' })),
        ),
    }),
  ]

describe('a run that cannot keep its records', () => {
  const estate = estateOf({ fra: { 'fra-1': ['a'], 'fra-2': ['b'] } })

  async function runOn(journal: Journal): Promise<{
    readonly events: readonly Unstamped[]
    readonly world: ReturnType<typeof createWorld>
  }> {
    const world = createWorld()
    const events: Unstamped[] = []
    const run = runSmall(threeSteps(world), {
      estate,
      journal,
      onEvent: (event) => events.push(event),
    })
    await expect(run).rejects.toBe(full)
    return { events, world }
  }

  it('changes nothing that it could not remember, and begins nothing more in any cluster', async () => {
    const { events, world } = await runOn(fullFrom(isOf('intent', 'a')))
    expect(world.writes.filter((write) => write.startsWith('a'))).toEqual([])
    const finished = outcomesOf(events)
    // Every step of both clusters has its outcome, and only then the run is over.
    expect(finished).toHaveLength(6)
    // Who has met the disk tells of it, whoever that is; what comes behind has not failed.
    expect(finished).toContain('First a failed')
    expect(events.find((event) => event.type === 'step.finished' && event.target === 'a')).toMatchObject({
      error: { code: 'STATE', message: full.message },
    })
    expect(finished.filter((outcome) => /^(?:Second|Third) .* failed/.test(outcome))).toEqual([])
    expect(events).toContainEqual({ type: 'run.interrupted', signal: full.message })
    expect(events.at(-1)?.type).toBe('run.finished')
  })

  it('tells of what it has done all the same', async () => {
    const { events, world } = await runOn(fullFrom(isOf('outcome', 'a')))
    expect(world.writes).toContain('a First=x')
    expect(outcomesOf(events)).toContain('First a changed')
    expect(outcomesOf(events)).toContain('Second a skipped interrupted')
  })

  it.each(['takeBack', 'remember', 'keep', 'forget', 'owe'] as const)(
    'ends where its ledger cannot %s',
    async (what) => {
      const ledger = openLedger({ value: emptyLedger(), save: () => Promise.resolve() })
      const stops: unknown[] = []
      const records = { journal: noJournal, ledger: { ...ledger, [what]: () => Promise.reject(full) } }
      const kept = keepRecords(records, (error) => stops.push(error)).ledger
      const thing = { module: 'm', target: 'a', identity: 'i', params: {} }
      const works = {
        takeBack: () => kept.takeBack(thing),
        remember: () => kept.remember(thing, 'note'),
        keep: () => kept.keep(thing),
        forget: () => kept.forget(thing),
        owe: () => kept.owe('a', 'h'),
      }
      await expect(works[what]()).rejects.toBe(full)
      expect(stops).toEqual([full])
    },
  )

  it('has done nothing where it cannot even begin its journal', async () => {
    const { world } = await runOn(fullFrom(() => true))
    expect([...world.writes, ...world.reads]).toEqual([])
  })
})
