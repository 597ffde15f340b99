import type { Journal } from './journal.ts'
import type { Ledger } from './ledger.ts'

/** What a run keeps on disk while it goes on. */
export interface Records {
  readonly journal: Journal
  readonly ledger: Ledger
}

/**
 * Has the first record that cannot be kept stop the run: what it could not remember it must not do. Nothing is begun then,
 * because an intent that is not on disk fails its step; of what is done already the outcome is told in spite of it.
 */
export function keepRecords({ journal, ledger }: Records, stop: (error: unknown) => void): Records {
  async function keep(write: Promise<void>): Promise<void> {
    try {
      await write
    } catch (error) {
      stop(error)
      throw error
    }
  }
  // What stays in a record too long is done once more by the next run, which is safe.
  const tryTo = (write: Promise<void>): Promise<void> => write.catch(stop)

  return {
    journal: {
      write: (entry) => (entry.type === 'outcome' ? tryTo : keep)(journal.write(entry)),
      close: () => journal.close(),
    },
    ledger: {
      ...ledger,
      keep: (applied) => keep(ledger.keep(applied)),
      forget: (thing) => keep(ledger.forget(thing)),
      remember: (thing, note) => keep(ledger.remember(thing, note)),
      takeBack: (thing) => keep(ledger.takeBack(thing)),
      owe: (target, handler) => keep(ledger.owe(target, handler)),
      settle: (target, handler) => tryTo(ledger.settle(target, handler)),
    },
  }
}
