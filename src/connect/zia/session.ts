import type { Pending } from './pending.ts'
import type { ActivationStatus, Subscription, ZiaFields, ZiaKind, ZiaObjects } from './resource.ts'

/** A tenant's configuration as it can be read. It has no way to write. */
export interface ZiaReader {
  /** Every object of a kind. Callers that ask at about the same time share one answer, at most a minute old. */
  list<K extends ZiaKind>(kind: K): Promise<readonly ZiaObjects[K][]>
  /** Every object of a kind as it is now; the list that all share from then on. */
  listAfresh<K extends ZiaKind>(kind: K): Promise<readonly ZiaObjects[K][]>
  /** The object of exactly this name, from the shared list. */
  find<K extends ZiaKind>(kind: K, name: string): Promise<ZiaObjects[K] | undefined>
  /** One object as it is now. */
  get<K extends ZiaKind>(kind: K, id: number): Promise<ZiaObjects[K]>
  /** What the tenant has bought; shared as lists are. */
  subscriptions(): Promise<readonly Subscription[]>
  /** Whether edits wait for an activation. */
  status(): Promise<ActivationStatus>
  /** Seconds that the tenant's clock was ahead of ours at its last answer; nothing where no answer had a date. */
  clockAhead(): number | undefined
  /** Whether the tenant's last answer said that it takes no edits: it is in read-only maintenance. */
  isReadOnly(): boolean
  /** Whose edits wait for an activation now. */
  pending(): Promise<Pending>
  /** The same, shared as lists are. */
  pendingLately(): Promise<Pending>
  /** The failure domains for which something waits for an activation, of this session's or of those before it. */
  staged(): readonly string[]
  /** Those of them for which a run before this one has staged something that was not to do just what this one is to. */
  stagedEarlier(): readonly string[]
  /** What becomes of pending edits that nobody activates, in a clause with the time. */
  fate(): string
}

/**
 * A tenant's configuration as it can be changed. Edits are staged until `activate`; one is made at a time. The first one is
 * a `ModuleError` where others' edits are pending and the inventory does not let them go live with ours.
 */
export interface ZiaWriter extends ZiaReader {
  /**
   * Creates an object and reads it back. Where the answer was lost, the object is looked up by name before it is sent
   * again. Where the name is taken, the very object that was wanted is adopted; another one is a `ModuleError`.
   */
  create<K extends ZiaKind>(kind: K, fields: ZiaFields<K> & { readonly name: string }): Promise<ZiaObjects[K]>
  /**
   * Reads an object, lays the fields over it, replaces it as a whole, and gives it as it reads back. Laying the fields
   * over twice has to do what doing it once does: an edit whose answer is lost, or that somebody has undone, is made again.
   */
  update<K extends ZiaKind>(
    kind: K,
    id: number,
    overlay: (current: ZiaObjects[K]) => ZiaFields<K>,
  ): Promise<ZiaObjects[K]>
  /**
   * Creates the object of this name, or updates the one that is there when its turn among the edits comes, so that two
   * who want the same object share it.
   */
  ensure<K extends ZiaKind>(
    kind: K,
    name: string,
    overlay: (current: ZiaObjects[K] | undefined) => ZiaFields<K>,
  ): Promise<ZiaObjects[K]>
  /**
   * Deletes an object; one that is gone already is fine. `look` is called whenever the deletion is about to be sent, after every
   * wait for a turn, a lock or a quota: what it throws prevents it.
   */
  remove(kind: ZiaKind, id: number, look?: () => Promise<void>): Promise<void>
  /**
   * Sees that everything this session has written is still as it wrote it, and that nobody else has edited since, and asks
   * for the activation of every staged edit of the tenant. It may take a while: ask `pending` until nothing of ours is.
   */
  activate(): Promise<ActivationStatus>
}

/** On whose behalf a tenant is read or changed. */
export interface ZiaUse {
  /** Stops what is under way for this user; what others share goes on. */
  readonly signal: AbortSignal
  /** The failure domain that it is done for. */
  readonly domain?: string | undefined
  /** Is told what a call waits for, in words: a rate limit, an edit lock, another edit. */
  readonly waiting?: ((reason: string) => void) | undefined
  /** Is told what an administrator has to know: that somebody else edits, that ZIA has activated something by itself. */
  readonly warn?: ((message: string) => void) | undefined
}

/** Told what goes over the wire: 1 the requests, 2 their answers' status, 3 the bodies. Never a credential. */
export type ZiaTrace = (level: 1 | 2 | 3, text: string) => void

/** A signed-in way to a tenant. One session serves a whole run. */
export interface ZiaSession {
  /** A view that cannot write, neither by type nor at run time. */
  reader(use: ZiaUse): ZiaReader
  writer(use: ZiaUse): ZiaWriter
  /** What of this session waits for an activation, and until when, in a sentence; nothing where nothing does. */
  leftover(): string | undefined
  /** Ends the session. It is left to lapse where a log-out would activate edits that nobody asked to activate. */
  close(): Promise<void>
}
