import type { Clock } from '../../model/clock.ts'
import { untilAborted } from '../deadline.ts'
import type { Quota } from './limits.ts'
import type { ZiaUse } from './session.ts'

/** Keeps requests inside their quotas, ahead of the server. */
export interface Limiter {
  /** Waits for the quota's turn. Call what it resolves to when the answer is there. */
  enter(quota: Quota, use: ZiaUse): Promise<() => void>
  /** Lets nothing of a quota through for so many milliseconds: the server said so. */
  pause(quota: Quota, ms: number): void
}

interface Lane {
  inFlight: number
  /** When the latest requests were answered, oldest first. */
  readonly answered: number[]
  pausedUntil: number
  /** Requests are let in one after the other, in order of arrival. */
  turn: Promise<void>
  /** Wakes the one that waits for an answer to arrive. */
  wake: () => void
}

/**
 * Makes a limiter on the run's clock. A request counts from its sending until a window's length after its answer: the
 * server took it in between, so however long the way, the server never counts more than the quota allows.
 */
export function createLimiter({ clock }: { readonly clock: Clock }): Limiter {
  const lanes = new Map<string, Lane>()

  function laneOf({ name }: Quota): Lane {
    const known = lanes.get(name)
    if (known !== undefined) return known
    const lane: Lane = { inFlight: 0, answered: [], pausedUntil: 0, turn: Promise.resolve(), wake: () => {} }
    lanes.set(name, lane)
    return lane
  }

  async function waitForRoom(lane: Lane, quota: Quota, { signal, waiting }: ZiaUse): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const now = clock.now()
      forget(lane, quota, now)
      const due = Math.max(lane.pausedUntil, ...quota.windows.map((window) => dueOf(lane, window, now)))
      if (due <= now) return
      if (due === Infinity) {
        await untilAborted(new Promise<void>((resolve) => (lane.wake = resolve)), signal)
      } else {
        if (due - now > 2000) {
          waiting?.(`the rate limit of ${quota.name}, for ${Math.ceil((due - now) / 1000)} s`)
        }
        await clock.sleep(due - now, { signal })
      }
    }
  }

  return {
    async enter(quota, use) {
      const lane = laneOf(quota)
      const before = lane.turn
      let pass = (): void => {}
      lane.turn = new Promise<void>((resolve) => (pass = resolve))
      try {
        await untilAborted(before, use.signal)
        await waitForRoom(lane, quota, use)
        lane.inFlight += 1
      } finally {
        void before.then(pass)
      }
      let answered = false
      return () => {
        if (answered) return
        answered = true
        lane.inFlight -= 1
        lane.answered.push(clock.now())
        lane.wake()
      }
    },
    pause(quota, ms) {
      const lane = laneOf(quota)
      lane.pausedUntil = Math.max(lane.pausedUntil, clock.now() + ms)
    },
  }
}

/** When a window has room again: now or earlier where it has some, never where only an answer can make some. */
function dueOf(lane: Lane, { max, ms }: { readonly max: number; readonly ms: number }, now: number): number {
  const inside = lane.answered.filter((time) => time > now - ms)
  const excess = inside.length + lane.inFlight - max
  if (excess < 0) return now
  const last = inside[excess]
  return last === undefined ? Infinity : last + ms
}

function forget(lane: Lane, quota: Quota, now: number): void {
  const longest = Math.max(...quota.windows.map((window) => window.ms))
  while ((lane.answered[0] ?? now) <= now - longest) lane.answered.shift()
}
