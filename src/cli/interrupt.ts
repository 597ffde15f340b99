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

/** The streams of which one is the user's terminal, where there is one. */
export type Streams = readonly { readonly isTTY?: boolean }[]

/**
 * Listens to SIGINT, SIGTERM and, at a terminal, to SIGHUP. The first of them drains the run, a second one leaves at once.
 * A terminal that hangs up says so more than once, and nobody is left to want anything: that never counts as a second one.
 */
export function listenForInterrupt(
  streams: Streams = [process.stdin, process.stdout, process.stderr],
): Interrupt {
  const drain = new AbortController()
  const abort = new AbortController()
  let grace: NodeJS.Timeout | undefined
  setMaxListeners(0, drain.signal, abort.signal)

  const begin = (signal: NodeJS.Signals): void => {
    drain.abort(signal)
    grace = setTimeout(() => abort.abort(signal), GRACE)
    grace.unref()
  }
  const stop = (signal: NodeJS.Signals): void => {
    if (drain.signal.aborted) process.exit(130)
    begin(signal)
  }
  // Node forgets that `nohup` has a hang-up ignored; a run of which nothing is at a terminal has none to lose.
  const isAttended = streams.some(({ isTTY }) => isTTY === true)
  const hangUp = (signal: NodeJS.Signals): void => {
    if (isAttended && !drain.signal.aborted) begin(signal)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', hangUp)

  return {
    draining: drain.signal,
    aborting: abort.signal,
    close() {
      clearTimeout(grace)
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      process.off('SIGHUP', hangUp)
      // Node means to restore the terminal on its way out, and aborts, with a core file, where there is none any more.
      if (drain.signal.reason === 'SIGHUP') process.once('exit', () => process.kill(process.pid, 'SIGHUP'))
    },
  }
}
