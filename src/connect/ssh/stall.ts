import { TimeoutError } from '../../model/error.ts'

/** How long a command may say nothing, in seconds of wall time; without a number it may be silent as long as it runs. */
export interface StallLimits {
  /** Until the first byte. */
  readonly firstByte?: number | undefined
  /** Between two bytes. */
  readonly idle?: number | undefined
}

/** Watches that something goes on. */
export interface Stall {
  /** Aborted with a `TimeoutError` when nothing was said for too long, and with the caller’s reason. */
  readonly signal: AbortSignal
  /** Something was said. */
  heard(): void
  stop(): void
}

/** Begins to watch. */
export function watchStall(
  what: string,
  { firstByte, idle, signal }: StallLimits & { readonly signal: AbortSignal },
): Stall {
  if (firstByte === undefined && idle === undefined)
    return { signal, heard: () => undefined, stop: () => undefined }
  const control = new AbortController()
  const abort = (): void => control.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  let timer: NodeJS.Timeout | undefined
  const wait = (seconds: number | undefined): void => {
    clearTimeout(timer)
    if (seconds === undefined) return
    timer = setTimeout(() => {
      const reason = `${what} said nothing for ${seconds} seconds`
      control.abort(new TimeoutError(reason, { hint: 'it may still be running there' }))
    }, seconds * 1000)
  }
  wait(firstByte ?? idle)
  return {
    signal: control.signal,
    heard: () => wait(idle),
    stop() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}
