import { VimError } from './error.ts'
import type { MoRef, Value } from './schema/values.ts'
import type { Session } from './session.ts'
import { toFaultError } from './task.ts'
import type { Watcher } from './watch.ts'

/** A lease that is ready to take files. */
export interface ReadyLease {
  readonly info: Value<'HttpNfcLeaseInfo'>
  /** The percentage that the next renewal reports. */
  report(percent: number): void
}

/** What the lease is for. */
export interface LeaseUse {
  readonly session: Session
  readonly watcher: Watcher
  readonly signal: AbortSignal
  /** For messages: `import of edge01`. */
  readonly what: string
}

async function waitUntilReady(
  lease: MoRef,
  { watcher, signal, what }: LeaseUse,
): Promise<Value<'HttpNfcLeaseInfo'>> {
  let info: Value<'HttpNfcLeaseInfo'> | undefined
  await watcher.watch({
    type: 'HttpNfcLease',
    ref: lease,
    paths: ['state', 'info', 'error'],
    signal,
    until(seen) {
      const state = seen.get('state')
      if (state === 'error')
        throw toFaultError(seen.get('error') as Value<'LocalizedMethodFault'> | undefined, what)
      if (state === 'done') throw new VimError('fault', `the lease for the ${what} ended before it began`)
      if (state !== 'ready') return false
      info = seen.get('info') as Value<'HttpNfcLeaseInfo'> | undefined
      return info !== undefined
    },
  })
  if (info === undefined)
    throw new VimError('protocol', `the lease for the ${what} is ready but has no information`)
  return info
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
): Promise<void> {
  for (;;) {
    await session.sleep(every, { signal })
    await session.call('HttpNfcLeaseProgress', { self: lease, args: { percent: percent() }, signal })
  }
}

/**
 * Waits until a lease is ready, keeps it alive while `use` sends the files, and completes it. Where anything goes wrong, the
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
    const work = send(
      { info, report: (value) => (percent = Math.min(100, Math.max(0, Math.floor(value)))) },
      lifetime,
    )
    // The renewal never ends by itself: it loses the race, or it fails and takes the upload with it.
    try {
      await Promise.race([work, renewal])
    } finally {
      ending.abort()
      await Promise.allSettled([work, renewal])
    }
    await session.call('HttpNfcLeaseComplete', { self: lease, args: {}, signal })
    return info.entity
  } catch (error) {
    await session
      .call('HttpNfcLeaseAbort', { self: lease, args: {}, signal: AbortSignal.timeout(15_000) })
      .catch(() => undefined)
    throw error
  }
}
