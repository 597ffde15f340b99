import type { Clock } from '../../model/clock.ts'
import { ConnectError } from '../../model/error.ts'
import { isRefusedChannel } from './open-channel.ts'

const [FIRST, MOST, TRIES] = [20, 500, 45]

/** How room for a channel is waited for. */
export interface RoomOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Gives up a channel of ours that is only kept for convenience, where there is one. */
  readonly makeRoom: () => Promise<void>
}

/**
 * Does what begins with opening a channel, and begins again, for twenty seconds or so, where the server has no room for
 * one. A server counts a session until it has seen its end, and one whose command was cancelled until that command is over.
 */
export async function whereRoom<T>(
  work: () => Promise<T>,
  { clock, signal, makeRoom }: RoomOptions,
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
    await makeRoom()
    await clock.sleep(pause, { signal })
  }
}
