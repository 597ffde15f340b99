import type { Clock } from '../../model/clock.ts'
import { ConnectError } from '../../model/error.ts'

const [FIRST, MOST, TRIES] = [20, 500, 45]

/** Whether the server refused a channel, so that nothing has run. */
function isRefusedChannel(error: unknown): error is ConnectError {
  if (!(error instanceof ConnectError)) return false
  return typeof (error.cause as { readonly reason?: unknown } | undefined)?.reason === 'number'
}

/**
 * Does what begins with opening a channel, and begins again, for twenty seconds or so, where the server has no room for
 * one. A server counts a session until it has seen its end, and one whose command was cancelled until that command is over.
 */
export async function whereRoom<T>(
  work: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  for (let tries = 1, pause = FIRST; ; tries += 1, pause = Math.min(2 * pause, MOST)) {
    try {
      return await work()
    } catch (cause) {
      if (!isRefusedChannel(cause)) throw cause
      if (tries === TRIES) {
        throw new ConnectError('protocol', `the server opens no more channels: ${cause.message}`, {
          hint: 'see which commands still run there, and MaxSessions in the configuration of its sshd',
          cause,
        })
      }
    }
    await clock.sleep(pause, { signal })
  }
}
