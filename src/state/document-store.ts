import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { ConfigError } from '../model/error.ts'
import { writeState } from './write-error.ts'

/**
 * One piece of state that outlives the process. Change `value` in place, then `save()`; a reply that tells of
 * the change waits for it, so that a killed process forgets nothing it has admitted.
 */
export interface Document<T> {
  value: T
  /** Resolves when everything in `value` at the time of the call is on disk. Calls in a burst share one write. */
  save(): Promise<void>
}

/** State on disk: one JSON file a document, replaced atomically. */
export interface DocumentStore {
  /** Opens a document, with `initial()` where there is none yet. Names may have slashes. */
  open<T>(name: string, initial: () => T): Promise<Document<T>>
  remove(name: string): Promise<void>
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>
}

/** Where documents are kept, and how safely. */
export interface DocumentStoreOptions {
  readonly folder: string
  /** Survives a power failure, not only the end of the process; slower. */
  readonly durable?: boolean
}

/** Keeps documents as files below `folder`. */
export function createDocumentStore({ folder, durable = false }: DocumentStoreOptions): DocumentStore {
  const writing = new Set<Promise<void>>()

  async function replace(path: string, value: unknown): Promise<void> {
    // Keys and hashes of passwords are for nobody else to try their luck at.
    await writeState(path, async () => {
      await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600, flush: durable })
      await rename(`${path}.new`, path)
    })
  }

  async function track(work: Promise<void>): Promise<void> {
    writing.add(work)
    try {
      await work
    } finally {
      writing.delete(work)
    }
  }

  return {
    async open<T>(name: string, initial: () => T): Promise<Document<T>> {
      const path = join(folder, `${name}.json`)
      await writeState(path, () => mkdir(dirname(path), { recursive: true }))
      const document = { value: (await readDocument<T>(path)) ?? initial() }
      return Object.assign(document, { save: shareWrites(() => track(replace(path, document.value))) })
    },
    async remove(name) {
      await rm(join(folder, `${name}.json`), { force: true })
    },
    async settled() {
      while (writing.size > 0) await Promise.allSettled(writing)
    },
  }
}

/** What a file holds; nothing where there is none yet. Throws a `ConfigError` where it cannot be understood. */
async function readDocument<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ConfigError(`${path} cannot be read`, {
      cause,
      hint: 'it is state of ours: remove it if it is damaged',
    })
  }
}

/** One write at a time. A call during a write is served by the next one, which has seen everything before the call. */
function shareWrites(write: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  async function startNext(previous: Promise<void>): Promise<void> {
    // A write that failed has told its own callers; this one tries again.
    await previous.catch(() => undefined)
    current = next ?? current
    next = undefined
    await write()
  }

  return () => (next ??= startNext(current))
}
