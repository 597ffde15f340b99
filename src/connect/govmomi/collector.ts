import { isFault } from './error.ts'
import type { MoRef } from './schema/values.ts'
import type { Session } from './session.ts'

/** A property collector of our own, with what is known about its state on the server. */
export interface Collector {
  readonly ref: MoRef
  /** The login that it belongs to; it is gone with that. */
  readonly login: number
  /** The version of the last answer. */
  version: string
  /** A filter came since the last question: the next one asks for everything, for not every server tells of its own accord. */
  hasNews: boolean
  /** A filter may be there that nobody knows about. */
  isSoiled: boolean
  isGone: boolean
}

/** Keeps one collector for as long as its login lasts. */
export interface CollectorSource {
  /** The collector to use now, made where there is none; everybody who asks at once gets the same. */
  current(): Promise<Collector>
  /** Whether a call failed because the collector is gone, and not what it was asked about. */
  isLost(error: unknown, collector: Collector): boolean
  /** Destroys it, and every filter and question with it. Never throws. */
  discard(collector: Collector): Promise<void>
}

const GOODBYE = 5000

/** Makes a source that has made no collector yet. */
export function createCollectorSource(session: Session): CollectorSource {
  let latest: Promise<Collector> | undefined

  async function make(): Promise<Collector> {
    const self = session.content.propertyCollector
    // Not for any one watch: it is there for those that come after it, too.
    const signal = new AbortController().signal
    const ref = await session.call('CreatePropertyCollector', { self, args: {}, signal })
    return { ref, login: session.logins(), version: '', hasNews: true, isSoiled: false, isGone: false }
  }

  return {
    async current() {
      for (;;) {
        const made = (latest ??= make())
        try {
          const collector = await made
          if (!collector.isGone && collector.login === session.logins()) return collector
        } catch (error) {
          if (latest === made) latest = undefined
          throw error
        }
        if (latest === made) latest = undefined
      }
    },
    isLost(error, { ref, login }) {
      if (!isFault(error, 'ManagedObjectNotFound')) return false
      const gone = error.fault?.detail as { readonly obj?: MoRef } | undefined
      return login !== session.logins() || gone?.obj?.value === ref.value
    },
    async discard(collector) {
      collector.isGone = true
      if (collector.login !== session.logins()) return
      const signal = AbortSignal.timeout(GOODBYE)
      await session
        .call('DestroyPropertyCollector', { self: collector.ref, args: {}, signal })
        .catch(() => undefined)
    },
  }
}
