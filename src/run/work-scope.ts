import { setMaxListeners } from 'node:events'

import { TimeoutError } from '../model/error.ts'
import type { Run } from './run.ts'

/** How long one step may work. */
export interface WorkScope {
  /** Ends the work. */
  readonly signal: AbortSignal
  /** Whether it was the step’s own time-out that ended it. */
  expired(): boolean
  close(): void
}

/** The signal that ends one step's work: the run's, and the step's own time-out on the run's clock. */
export function openScope(run: Run, timeout: number | undefined): WorkScope {
  const work = new AbortController()
  const closing = new AbortController()
  let isExpired = false
  // Many parts of a step may listen to one signal at once; that is not a leak.
  setMaxListeners(0, work.signal)
  // Not `AbortSignal.any`: what it makes stays with the run's own signal for long, and a run has very many steps.
  const abort = (): void => work.abort(run.aborting.reason)
  if (run.aborting.aborted) abort()
  run.aborting.addEventListener('abort', abort, { once: true })
  const expire = (): void => {
    isExpired = !work.signal.aborted
    work.abort(new TimeoutError(`not finished in ${timeout} s`))
  }
  if (timeout !== undefined) {
    const limit = run.clock.sleep(timeout * 1000, { signal: closing.signal })
    limit.then(expire, () => undefined)
  }
  return {
    signal: work.signal,
    expired: () => isExpired,
    close() {
      run.aborting.removeEventListener('abort', abort)
      closing.abort()
    },
  }
}
