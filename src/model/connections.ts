import type { ConnectionKind } from './module.ts'
import type { Target } from './target.ts'

/** On whose behalf a client works. */
export interface ConnectionUse {
  /** Stops what is under way for this user; what others share goes on. */
  readonly signal: AbortSignal
  /** Is told what a call waits for, in words: a rate limit, an edit lock. */
  waiting?(this: void, reason: string): void
  /** Is told what the user has to know beside: that somebody else edits the same thing. */
  warn?(this: void, message: string): void
}

/** The ways to the systems of a run: opened when first asked for, kept for the whole run, closed together. */
export interface Connections {
  /** Names the system behind a target, so that steps which mean the same one can be told from others. Opens nothing. */
  systemOf(kind: ConnectionKind, to: Target): string
  /** A client that can only look. Rejects with a `ConnectError` or `AuthError`. */
  reader(kind: ConnectionKind, to: Target, use: ConnectionUse): Promise<unknown>
  /** A client that can change things. In check mode there is none: asking for one is a bug and throws. */
  writer(kind: ConnectionKind, to: Target, use: ConnectionUse): Promise<unknown>
  /** Believes nothing any more of what was learned of the machine behind a node, for one is being made there now. */
  forget(to: Target): Promise<void>
  /** What of this run is left behind in the systems and may take effect later, a sentence each. */
  leftovers(): readonly string[]
  close(): Promise<void>
}
