/** The reader of a pipe has gone; the terminal has. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])

/**
 * Lets a command go on when whoever read its output has gone, as in `runbook deploy | head` or with a connection that was
 * lost: what it still prints is lost, and nothing else. A deployment must not end in the middle because of that.
 */
export function survivePipes(streams: readonly NodeJS.EventEmitter[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!GONE.has(error.code)) throw error
    })
  }
}
