/** Somebody who logged in. */
export interface Session {
  /** What the cookie carries. */
  readonly token: string
  readonly key: string
  readonly userName: string
  readonly loginTime: number
  /** Aborted when the session ends. */
  readonly signal: AbortSignal
  /** A number that the session has not used yet. */
  nextId(): number
}
