import type { Clock } from '../../model/clock.ts'
import { untilAborted } from './abortable.ts'

/** Something that many callers read at about the same time and that changes rarely. */
export interface SharedValue<T> {
  /** The latest value, at most five minutes old, or the one that `load` is reading for everybody. */
  read(options: { readonly load: () => Promise<T>; readonly signal: AbortSignal }): Promise<T>
}

const LIFE = 300_000

/** Makes a shared value that nobody has read yet. */
export function createSharedValue<T>({ clock }: { readonly clock: Clock }): SharedValue<T> {
  let kept: { readonly time: number; readonly value: Promise<T> } | undefined
  return {
    read({ load, signal }) {
      if (kept === undefined || clock.now() - kept.time >= LIFE) {
        const fresh = { time: clock.now(), value: load() }
        kept = fresh
        fresh.value.catch(() => {
          if (kept === fresh) kept = undefined
        })
      }
      return untilAborted(kept.value, signal)
    },
  }
}
