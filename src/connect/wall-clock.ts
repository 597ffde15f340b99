import { setTimeout as delay } from 'node:timers/promises'

import type { Clock } from '../model/clock.ts'

/** The time of the machine. */
export const wallClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, { signal } = {}) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
