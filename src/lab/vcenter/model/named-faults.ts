/**
 * What can be made to go wrong.
 *
 * - `session-expiry`: the server forgets all sessions before the next call.
 * - `lease-error`: the next import's lease fails.
 * - `unavailable`: the next request is answered by a proxy's 503 page.
 * - `reset`: the next upload is cut in the middle.
 * - `lost-reply`: the next call is served, and the connection cut before the reply.
 * - `slow`: the next request is answered half a minute late.
 * - `task-failure`: the next task fails.
 * - `lost-keys`: the next key strokes arrive by half.
 */
type FaultName =
  | 'session-expiry'
  | 'lease-error'
  | 'unavailable'
  | 'reset'
  | 'lost-reply'
  | 'slow'
  | 'task-failure'
  | 'lost-keys'

/** The faults that wait for their moment. */
export interface NamedFaults {
  /** Makes the next `times` occasions (1 where absent) go wrong. */
  inject(name: FaultName, options?: { readonly times?: number }): void
  /** Whether this occasion is to go wrong; counts it. */
  take(name: FaultName): boolean
}

/** Makes faults of which none is due. */
export function createNamedFaults(): NamedFaults {
  const due = new Map<FaultName, number>()
  return {
    inject: (name, { times = 1 } = {}) => void due.set(name, (due.get(name) ?? 0) + times),
    take(name) {
      const left = due.get(name) ?? 0
      if (left > 0) due.set(name, left - 1)
      return left > 0
    },
  }
}
