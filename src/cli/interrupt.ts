import { setMaxListeners } from 'node:events'

/** How long what is running may go on after the first signal, in milliseconds. */
const GRACE = 15_000

/** How a run learns that the user wants it to end. */
export interface Interrupt {
  /** Aborted at the first signal: nothing new starts. */
  readonly draining: AbortSignal
  /** Aborted a while later: what is still running ends, too. */
  readonly aborting: AbortSignal
  /** Stops listening. */
  close(): void
}

/** Listens to SIGINT and SIGTERM. The first one drains the run, a second one leaves at once. */
export function listenForInterrupt(): Interrupt {
  const drain = new AbortController()
  const abort = new AbortController()
  let grace: NodeJS.Timeout | undefined
  setMaxListeners(0, drain.signal, abort.signal)

  const stop = (signal: NodeJS.Signals): void => {
    if (drain.signal.aborted) process.exit(130)
    drain.abort(signal)
    grace = setTimeout(() => abort.abort(signal), GRACE)
    grace.unref()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  return {
    draining: drain.signal,
    aborting: abort.signal,
    close() {
      clearTimeout(grace)
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}
