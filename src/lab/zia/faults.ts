/** What can go wrong with a tenant, by name. Those that end by themselves happen to the next request they fit. */
type FaultName =
  /** The next edit is held for half a minute and then told that there is no edit lock. */
  | 'edit-lock'
  /** The next edit meets the organisation's barrier, a 412. */
  | 'org-barrier'
  /** The next edit is carried out, and its answer is lost. */
  | 'lost-answer'
  /** The connection breaks before the next request is carried out. */
  | 'lost-request'
  /** The next request ends in a 500. */
  | 'server-error'
  /** The next request meets a 503 in HTML, from something before the API. */
  | 'unavailable'
  /** The next request is told that it came too fast. */
  | 'rate-limit'
  /** The next request finds its session or token gone; what the session had staged is activated. */
  | 'session-expiry'
  /** The next answer takes another minute. */
  | 'slow'
  /** The next answer is HTML with status 200, as from a captive proxy. */
  | 'garbage'
  /** Until cleared: every edit is refused, as in a maintenance. */
  | 'maintenance'
  /** Until cleared: locations take a binding to Service Edges and forget it. */
  | 'drop-binding'
  /** Until cleared: another administrator has edits open, so that activations stay pending. */
  | 'second-admin'
  /** The next activation shows as under way for three more looks. */
  | 'slow-activation'

/** Lets things go wrong on purpose. */
export interface Faults {
  /** Arms a fault, so many times. */
  inject(name: FaultName, times?: number): void
  clear(name?: FaultName): void
  /** Whether a lasting fault is armed. */
  has(name: FaultName): boolean
  /** Uses a fault up; false where it is not armed. */
  spend(name: FaultName): boolean
}

/** Makes a tenant's faults, none of them armed. */
export function createFaults(): Faults {
  const armed = new Map<FaultName, number>()
  return {
    inject: (name, times = 1) => void armed.set(name, (armed.get(name) ?? 0) + times),
    clear: (name) => (name === undefined ? armed.clear() : void armed.delete(name)),
    has: (name) => armed.has(name),
    spend(name) {
      const left = armed.get(name)
      if (left === undefined) return false
      if (left <= 1) armed.delete(name)
      else armed.set(name, left - 1)
      return true
    },
  }
}
