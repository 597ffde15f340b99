import type { Clock } from '../../model/clock.ts'
import { untilAborted } from '../deadline.ts'

/** Something that many callers read at about the same time and that changes rarely. */
export interface SharedValue<T> {
  /** The latest value, where it is young enough, or the one that `load` is reading for everybody. */
  read(options: { readonly load: () => Promise<T>; readonly signal: AbortSignal }): Promise<T>
}

const LIFE = 300_000

/** Makes a shared value that nobody has read yet, and that is good for five minutes, or for so many milliseconds. */
export function createSharedValue<T>({
  clock,
  life = LIFE,
}: {
  readonly clock: Clock
  readonly life?: number | undefined
}): SharedValue<T> {
  let kept: { readonly time: number; readonly value: Promise<T> } | undefined
  return {
    read({ load, signal }) {
      if (kept === undefined || clock.now() - kept.time >= life) {
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
