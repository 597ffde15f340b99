import { createHmac, randomBytes } from 'node:crypto'

import type { Document } from '../state/document-store.ts'
import { fingerprint } from './twins.ts'

/** What the engine itself has to remember from run to run, as it stands on disk. */
export interface LedgerState {
  /** Keys the fingerprints, so that a low-entropy secret cannot be guessed from them. */
  readonly key: string
  /** What was applied and cannot be read back: fingerprint of the params, by module, target and identity. */
  applied: Record<string, string>
  /** What modules have noted themselves, by module, target and identity; none in a ledger of an earlier version. */
  notes?: Record<string, string>
  /** Handlers that were notified and have not run yet: step ids by target. */
  owed: Record<string, readonly string[]>
}

/** Which very thing a module was applied to. */
export interface Applied {
  readonly module: string
  readonly target: string
  readonly identity: string
  readonly params: unknown
}

/** What the engine remembers where no system can be asked: effects that cannot be read back, and handlers still owed. */
export interface Ledger {
  holds(applied: Applied): boolean
  keep(applied: Applied): Promise<void>
  /** Believes nothing any more of what was applied to this thing. */
  forget(thing: Omit<Applied, 'params'>): Promise<void>
  /** What a module has noted about a thing. */
  recall(thing: Omit<Applied, 'params'>): string | undefined
  remember(thing: Omit<Applied, 'params'>, note: string): Promise<void>
  /** Knows nothing any more of what a module has noted about a thing. */
  takeBack(thing: Omit<Applied, 'params'>): Promise<void>
  owes(target: string): readonly string[]
  owe(target: string, handler: string): Promise<void>
  settle(target: string, handler: string): Promise<void>
}

/** The state of a ledger that has nothing in it. */
export function emptyLedger(): LedgerState {
  return { key: randomBytes(32).toString('base64'), applied: {}, owed: {} }
}

/** Opens the ledger kept in a document. */
export function openLedger(document: Document<LedgerState>): Ledger {
  const state = document.value
  const keyOf = ({ module, target, identity }: Omit<Applied, 'params'>): string =>
    [module, target, identity].join(' ')
  const hashOf = ({ params }: Applied): string => {
    const hmac = (text: string): string => createHmac('sha256', state.key).update(text).digest('hex')
    return hmac(fingerprint(params, (secret) => hmac(secret.reveal())))
  }

  return {
    holds: (applied) => state.applied[keyOf(applied)] === hashOf(applied),
    async keep(applied) {
      state.applied[keyOf(applied)] = hashOf(applied)
      await document.save()
    },
    async forget(thing) {
      const key = keyOf(thing)
      if (state.applied[key] === undefined) return
      delete state.applied[key]
      await document.save()
    },
    recall: (thing) => state.notes?.[keyOf(thing)],
    async remember(thing, note) {
      state.notes = { ...state.notes, [keyOf(thing)]: note }
      await document.save()
    },
    async takeBack(thing) {
      const { [keyOf(thing)]: note, ...others } = state.notes ?? {}
      if (note === undefined) return
      state.notes = others
      await document.save()
    },
    owes: (target) => state.owed[target] ?? [],
    async owe(target, handler) {
      const owed = state.owed[target] ?? []
      if (!owed.includes(handler)) state.owed[target] = [...owed, handler]
      // Also where it is owed already: that may not be on disk yet.
      await document.save()
    },
    async settle(target, handler) {
      const left = (state.owed[target] ?? []).filter((id) => id !== handler)
      if (left.length > 0) state.owed[target] = left
      else delete state.owed[target]
      await document.save()
    },
  }
}
