import type { Clock } from '../../model/clock.ts'

/** The one lock of a tenant: who wants to edit waits for it, but not for ever. */
export interface EditLock {
  /** Gives the way to release it, or nothing after half a minute of the lab's clock. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>
}

/** What a lock needs from its tenant. */
export interface EditLockOptions {
  readonly clock: Clock
  /** Whether somebody outside of every request holds it now. */
  readonly isHeld: () => boolean
}

/** How long the real one holds a request before it answers that there is no lock. */
export const HOLD = 30_000

/** How often a lock that is held from outside is looked at. */
const LOOK = 1000

/** Makes a lock that nobody holds. */
export function createEditLock({ clock, isHeld }: EditLockOptions): EditLock {
  const lock: { holder: Promise<void> | undefined } = { holder: undefined }

  async function wait(ms: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController()
    const late = clock.sleep(ms, { signal: AbortSignal.any([signal, timer.signal]) })
    await Promise.race([...(lock.holder === undefined ? [] : [lock.holder]), late.catch(() => {})])
    timer.abort()
    signal.throwIfAborted()
  }

  return {
    async take(signal) {
      const until = clock.now() + HOLD
      while (lock.holder !== undefined || isHeld()) {
        const left = until - clock.now()
        if (left <= 0) return undefined
        await wait(isHeld() ? Math.min(LOOK, left) : left, signal)
      }
      let release = (): void => {}
      lock.holder = new Promise<void>((resolve) => {
        release = () => {
          lock.holder = undefined
          resolve()
        }
      })
      return release
    },
  }
}
