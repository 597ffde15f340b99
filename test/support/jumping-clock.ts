import type { Clock } from '../../src/model/clock.ts'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/**
 * A clock that stands still but for sleeping: when nothing else is left to do, whoever sleeps least wakes, and time jumps
 * there. Hours pass in no time, in the same order on every machine.
 */
export function createJumpingClock(start = 1_800_000_000_000): Clock {
  let now = start
  let isJumping = false
  /** The one who wakes first is the last. */
  const sleepers: Sleeper[] = []

  function add(sleeper: Sleeper): void {
    let low = 0
    let high = sleepers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sleepers[middle]?.due ?? 0) > sleeper.due) low = middle + 1
      else high = middle
    }
    sleepers.splice(low, 0, sleeper)
    jumpSoon()
  }

  function jumpSoon(): void {
    if (isJumping) return
    isJumping = true
    setImmediate(() => {
      isJumping = false
      const next = sleepers.pop()
      if (next === undefined) return
      now = Math.max(now, next.due)
      next.wake()
      jumpSoon()
    })
  }

  return {
    now: () => now,
    async sleep(ms, { signal } = {}) {
      signal?.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          const at = sleepers.indexOf(sleeper)
          if (at !== -1) sleepers.splice(at, 1)
          reject(signal?.reason as Error)
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }
        const sleeper = { due: now + Math.max(0, ms), wake }
        signal?.addEventListener('abort', stop, { once: true })
        add(sleeper)
      })
    },
  }
}
