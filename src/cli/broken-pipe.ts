/**
 * Lets a command go on when whoever read its output has gone, as in `runbook deploy | head`: what it still prints is lost,
 * and nothing else. A deployment must not end in the middle because of a pipe.
 */
export function survivePipes(streams: readonly NodeJS.EventEmitter[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
