import type { Clock } from '../../model/clock.ts'

/** The one lock of a tenant: who wants to edit waits for it, but not for ever. */
export interface EditLock {
  /** Gives the way to release it, or nothing after half a minute of the lab's clock. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>
}

/** How long the real one holds a request before it answers that there is no lock. */
export const HOLD = 30_000

/** Makes a lock that nobody holds. */
export function createEditLock({ clock }: { readonly clock: Clock }): EditLock {
  const lock: { holder: Promise<void> | undefined } = { holder: undefined }
  return {
    async take(signal) {
      const until = clock.now() + HOLD
      while (lock.holder !== undefined) {
        if (clock.now() >= until) return undefined
        const timer = new AbortController()
        const late = clock.sleep(until - clock.now(), { signal: AbortSignal.any([signal, timer.signal]) })
        await Promise.race([lock.holder, late.catch(() => {})])
        timer.abort()
        signal.throwIfAborted()
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
