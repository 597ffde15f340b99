import { setTimeout as delay } from 'node:timers/promises'

import type { Clock } from '../model/clock.ts'

/** The time of the machine. */
export const wallClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, { signal } = {}) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal })
    } catch (cause) {
      // The platform says only that it was aborted, not why.
      signal?.throwIfAborted()
      throw cause
    }
  },
}
