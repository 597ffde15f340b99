import { isFault, VimError } from './error.ts'
import { createPropertyReader } from './property.ts'
import type { MoRef, Properties, Value } from './schema/values.ts'
import type { Session } from './session.ts'
import { toFaultError } from './task.ts'

/** A lease that is ready to take files. */
export interface ReadyLease {
  readonly ref: MoRef
  readonly info: Value<'HttpNfcLeaseInfo'>
  /** The percentage that the next renewal reports. */
  report(percent: number): void
  /** Whether the server still holds it: then a file that did not come through can be sent again. */
  isReady(): Promise<boolean>
}

/** What the lease is for. */
export interface LeaseUse {
  readonly session: Session
  readonly signal: AbortSignal
  /** For messages: `import of edge01`. */
  readonly what: string
}

/** Seconds that a server is given to get an import ready. */
const READY_WITHIN = 300

/** Pauses before looks at a lease, in milliseconds; the last one is repeated. */
const PAUSES = [8, 12, 200, 2000, 4000] as const

const LAST_PAUSE = 8000

/** Renewals that may fail in a row. Where each takes long to fail, the lease may end before: the server says so itself then. */
const MAX_MISSED = 4

const GOODBYE = 15_000

const isOnTheWay = (error: unknown): boolean =>
  error instanceof VimError &&
  (error.code === 'connection' || error.code === 'protocol' || error.code === 'timeout')

async function readLease(
  lease: MoRef,
  { session, signal }: Omit<LeaseUse, 'what'>,
): Promise<Properties<'HttpNfcLease', 'state' | 'info' | 'error'>> {
  const properties = createPropertyReader(session, {
    collector: session.content.propertyCollector,
    signal,
  })
  return properties.get('HttpNfcLease', lease, ['state', 'info', 'error'])
}

// A look costs one request, a watch four. Hardly a lease is ready when it is given, and most are a moment later.
async function waitUntilReady(lease: MoRef, use: LeaseUse): Promise<Value<'HttpNfcLeaseInfo'>> {
  const { session, signal, what } = use
  for (let waited = 0, looks = 0; ; looks += 1) {
    const pause = PAUSES[looks] ?? LAST_PAUSE
    await session.sleep(pause, { signal })
    waited += pause
    const { state, info, error } = await readLease(lease, use)
    if (state === 'error') throw toFaultError(error, what)
    if (state === 'done') throw new VimError('fault', `the lease for the ${what} ended before it began`)
    if (state === 'ready' && info !== undefined) return info
    if (waited >= READY_WITHIN * 1000) {
      throw new VimError('stalled', `the server did not get the ${what} ready within ${READY_WITHIN} s`, {
        hint: 'look at the recent tasks of the server: another one may hold up the datastore',
      })
    }
  }
}

// The server drops a lease, and with it everything that was uploaded, when it hears nothing for its time-out.
async function renew(
  lease: MoRef,
  {
    session,
    signal,
    every,
    percent,
  }: { session: Session; signal: AbortSignal; every: number; percent: () => number },
): Promise<never> {
  for (let missed = 0; ;) {
    await session.sleep(every, { signal })
    try {
      await session.call('HttpNfcLeaseProgress', { self: lease, args: { percent: percent() }, signal })
      missed = 0
    } catch (error) {
      missed += 1
      if (signal.aborted || !isOnTheWay(error) || missed > MAX_MISSED) throw error
    }
  }
}

// Completing twice is an error, so that the lease is asked where the answer to the first time was lost.
async function complete(lease: MoRef, use: LeaseUse): Promise<void> {
  const { session, signal } = use
  const call = (): Promise<unknown> => session.call('HttpNfcLeaseComplete', { self: lease, args: {}, signal })
  try {
    await call()
  } catch (error) {
    if (signal.aborted || !isOnTheWay(error)) throw error
    const { state } = await readLease(lease, use)
    if (state === 'ready') await call()
    else if (state !== 'done') throw error
  }
}

// What the server says about its lease explains more than the upload that broke on it.
async function explain(cause: unknown, lease: MoRef, { session, signal, what }: LeaseUse): Promise<unknown> {
  if (signal.aborted || (cause instanceof VimError && cause.code === 'archive')) return cause
  try {
    const { state, error } = await readLease(lease, { session, signal: AbortSignal.timeout(GOODBYE) })
    return state === 'error' && error !== undefined ? toFaultError(error, what) : cause
  } catch (error) {
    if (!isFault(error, 'ManagedObjectNotFound')) return cause
    // A lease belongs to the session that has asked for it, and goes with it.
    return new VimError('connection', `the server no longer knows the lease of the ${what}`, {
      hint: 'its session was ended, or somebody removed the machine; run again',
      cause,
    })
  }
}

/**
 * Waits until a lease is ready, keeps it alive while `send` sends the files, and completes it; gives the entity that was made.
 * It is renewed from before the first byte until it is completed. Where anything goes wrong, or the signal is aborted, the
 * lease is aborted, so that the server removes what it has made; the first error is the one that is thrown.
 */
export async function useLease(
  lease: MoRef,
  use: LeaseUse,
  send: (lease: ReadyLease, signal: AbortSignal) => Promise<void>,
): Promise<MoRef> {
  const { session, signal } = use
  const ending = new AbortController()
  const lifetime = AbortSignal.any([signal, ending.signal])
  try {
    const info = await waitUntilReady(lease, use)
    let percent = 0
    const every = Math.max(1, info.leaseTimeout / 10) * 1000
    const renewal = renew(lease, { session, signal: lifetime, every, percent: () => percent })
    const ready: ReadyLease = {
      ref: lease,
      info,
      report: (value) => (percent = Math.min(100, Math.max(0, Math.floor(value)))),
      isReady: async () => (await readLease(lease, { session, signal: lifetime })).state === 'ready',
    }
    const work = send(ready, lifetime)
    // The renewal never ends by itself: it loses the race, or it fails and takes the upload with it.
    try {
      await Promise.race([work, renewal])
      await complete(lease, use)
    } finally {
      ending.abort()
      await Promise.allSettled([work, renewal])
    }
    return info.entity
  } catch (error) {
    const reason = await explain(error, lease, use)
    await session
      .call('HttpNfcLeaseAbort', { self: lease, args: {}, signal: AbortSignal.timeout(GOODBYE) })
      .catch(() => undefined)
    throw reason
  }
}
