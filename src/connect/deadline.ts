/** How long something may take, and what is said when it takes longer. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Seconds of wall time: the network is as slow as it is, also where the lab’s machines live faster. */
  readonly seconds: number
  /** Makes the error that the work is ended with. */
  readonly late: () => Error
}

/** Runs work under a signal that is aborted with `late()` when the time is over, and with the caller’s reason before. */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { signal, seconds, late }: Deadline,
): Promise<T> {
  signal.throwIfAborted()
  const control = new AbortController()
  const abort = (): void => control.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(() => control.abort(late()), seconds * 1000)
  try {
    return await work(control.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** Gives up waiting for a promise when the signal is aborted, and rejects with its reason. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined)
    return Promise.reject(signal.reason as Error)
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
