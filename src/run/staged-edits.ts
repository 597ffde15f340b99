import { createHash } from 'node:crypto'

import type { Staged, StagedMark } from '../connect/zia/pending.ts'
import type { Document, DocumentStore } from '../state/document-store.ts'

/** What is kept of one tenant: who signs in to which, and what of theirs waits for an activation. */
interface Kept {
  readonly tenant: string
  staged: Staged | null
}

/** Whose mark it is. */
interface MarkOptions {
  readonly tenant: string
  /** The digest of what this run is to do. */
  readonly selection: string
}

/** The mark of one tenant, in a document of its own: on disk before the first edit, gone after the activation. */
export function markOf(store: DocumentStore, { tenant, selection }: MarkOptions): StagedMark {
  const name = `staged-edits/${createHash('sha256').update(tenant).digest('hex').slice(0, 16)}`
  let written: Promise<Document<Kept>> | undefined
  const open = (): Promise<Document<Kept>> => store.open(name, (): Kept => ({ tenant, staged: null }))
  return {
    selection,
    // Another process may have written it since.
    read: async () => (await open()).value.staged ?? undefined,
    async write(staged) {
      written ??= open()
      const document = await written
      document.value.staged = staged ?? null
      await document.save()
    },
  }
}

/** The same mark for a run that edits nothing: what it finds out is no reason to forget what another one, beside it, has staged. */
export function readOnly(mark: StagedMark): StagedMark {
  return { selection: mark.selection, read: () => mark.read(), write: () => Promise.resolve() }
}
