import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

import type { Clock } from '../model/clock.ts'

/** A clock on which waiting is quick. Both the run and the lab's machines live by it. */
export interface LabClock extends Clock {
  /** How much faster than the wall's this clock runs while nothing is being worked on. */
  readonly scale: number
}

/**
 * Makes a clock on which waiting takes `scale` times less than on the wall, while work takes as long as it takes: only
 * the time that the event loop is idle is sped up. A time-out of a minute is over in a moment when everybody waits, and is
 * still a whole minute for a process that is busy with eighty machines at once.
 */
export function createLabClock(scale: number): LabClock {
  const start = Date.now()
  const first = performance.eventLoopUtilization()

  function now(): number {
    const { idle, active } = performance.eventLoopUtilization(first)
    return Math.floor(start + active + idle * scale)
  }

  return {
    scale,
    now,
    async sleep(ms, { signal } = {}) {
      const until = now() + ms
      for (let left = ms; left > 0; left = until - now()) {
        try {
          await delay(Math.max(1, left / scale), undefined, signal === undefined ? {} : { signal })
        } catch (cause) {
          // The platform says only that it was aborted, not why.
          signal?.throwIfAborted()
          throw cause
        }
      }
    },
  }
}
