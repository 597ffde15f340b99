import type { ManagedObject } from './managed-object.ts'
import type { Session } from './session.ts'

/** Everybody who is logged in. */
export interface Sessions {
  login(userName: string): Session
  /** The session of a token; none where it ended or was idle for too long. */
  find(token: string | undefined): Session | undefined
  /** Keeps a session from idling while a call is under way; call the result when it is answered. */
  use(session: Session): () => void
  end(session: Session): void
  endAll(): void
  /** A session's collectors, filters, views and leases: they go with it. */
  objectsOf(session: Session): Map<string, ManagedObject>
  /** Whoever has not logged in. */
  readonly anonymous: Session
  readonly size: number
  /** Everything that belongs to somebody who is logged in. */
  belongings(): readonly ManagedObject[]
}
