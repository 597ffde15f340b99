import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { Change } from '../model/change.ts'
import type { Outcome } from '../model/outcome.ts'
import { writeState } from '../state/write-error.ts'

/** One line of a journal. */
export type JournalEntry =
  | { readonly type: 'run'; readonly run: string; readonly runbook: string; readonly inventory: string }
  | {
      readonly type: 'intent'
      readonly step: string
      readonly target: string
      readonly changes: readonly Change[]
    }
  | { readonly type: 'outcome'; readonly step: string; readonly target: string; readonly outcome: Outcome }

/** What a run means to do and what became of it, on disk before anything depends on it. */
export interface Journal {
  /** Resolves when the entry cannot be lost any more. Entries of a burst share one sync. */
  write(entry: JournalEntry): Promise<void>
  close(): Promise<void>
}

/** Opens a new journal file: a JSON line an entry, `{seq, time, …}`. */
export async function openJournal(path: string, { now }: { readonly now: () => number }): Promise<Journal> {
  const file = await writeState(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    return open(path, 'ax', 0o600)
  })
  return createGroupCommit(file, { path, now })
}

/** Writes what has piled up, syncs once, and lets everybody go who waited for it. */
function createGroupCommit(
  file: FileHandle,
  { path, now }: { readonly path: string; readonly now: () => number },
): Journal {
  let seq = 0
  let pending: string[] = []
  let commit: Promise<void> | undefined
  let last: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    const lines = pending.join('')
    pending = []
    commit = undefined
    await writeState(path, async () => {
      await file.appendFile(lines)
      await file.datasync()
    })
  }

  return {
    write(entry) {
      pending.push(`${JSON.stringify({ seq: seq++, time: now(), ...entry })}\n`)
      commit ??= last = last.then(flush)
      return commit
    },
    async close() {
      // A write that failed has told whoever waited for it.
      await last.catch(() => undefined)
      await file.close()
    },
  }
}

/** A journal that keeps nothing: check mode has nothing to remember. */
export const noJournal: Journal = {
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
}
