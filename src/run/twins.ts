import { createHash } from 'node:crypto'

import { FileRef } from '../model/file-ref.ts'
import { Secret } from '../model/secret.ts'

/** Steps that do the same thing for several targets: the first does it, the others share what became of it. */
export interface Twins {
  /** Runs `work` for the first caller of a key and gives its result to every later one. */
  share<T>(key: string, work: Leader<T>): { readonly leader: string; readonly result: Promise<T> }
}

/** Who asks, and what to do if nobody did yet. */
export interface Leader<T> {
  readonly target: string
  work(this: void): Promise<T>
}

/** Makes the twins of one run. */
export function createTwins(): Twins {
  const known = new Map<string, { readonly leader: string; readonly result: Promise<unknown> }>()
  return {
    share<T>(key: string, { target, work }: Leader<T>) {
      const first = known.get(key)
      // A key is made of step and params, so that whoever has the same key asks for the same type.
      if (first !== undefined) return first as { leader: string; result: Promise<T> }
      const entry = { leader: target, result: work() }
      known.set(key, entry)
      return entry
    },
  }
}

/** A text that is the same for equal params and different for others; secrets count by where they come from. */
export function fingerprint(value: unknown, reveal: (secret: Secret) => string = describe): string {
  return createHash('sha256')
    .update(JSON.stringify(normalise(value, reveal)))
    .digest('hex')
}

const describe = (secret: Secret): string => secret.describe()

function normalise(value: unknown, reveal: (secret: Secret) => string): unknown {
  if (value instanceof Secret) return { secret: reveal(value) }
  if (value instanceof FileRef) return { file: value.path }
  if (Array.isArray(value)) return value.map((entry) => normalise(entry, reveal))
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, entry]) => [key, normalise(entry, reveal)]))
}
