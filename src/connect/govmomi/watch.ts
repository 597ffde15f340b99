import { VimError, isFault } from './error.ts'
import type { ObjectName } from './schema/objects.ts'
import type { AnyValue, MoRef, Value } from './schema/values.ts'
import type { Session } from './session.ts'

/** The latest values of the properties that are watched, by path. */
export type Seen = ReadonlyMap<string, AnyValue | undefined>

/** What to watch, and for how long. */
export interface Watch {
  readonly type: ObjectName
  readonly ref: MoRef
  readonly paths: readonly string[]
  readonly signal: AbortSignal
  /** Called with every change; the watch ends when it returns true. */
  readonly until: (seen: Seen) => boolean
}

/** Waits for properties to change. The server holds each question until there is an answer: nothing is polled. */
export interface Watcher {
  watch(watch: Watch): Promise<void>
}

interface Collector {
  readonly ref: MoRef
  readonly login: number
  version: string
}

const MAX_WAIT_SECONDS = 60

function note(seen: Map<string, AnyValue | undefined>, update: Value<'UpdateSet'>, watched: MoRef): void {
  for (const { objectSet } of update.filterSet) {
    for (const { obj, changeSet, kind } of objectSet) {
      if (obj.value !== watched.value) continue
      if (kind === 'leave') throw new VimError('not-found', `${watched.type} ${watched.value} is gone`)
      for (const { name, val } of changeSet) seen.set(name, val)
    }
  }
}

/**
 * Makes a watcher. Its collectors are kept and used again, so that a watch costs one filter and as many answers as there are
 * changes; those of an earlier login are forgotten with it.
 */
export function createWatcher(session: Session): Watcher {
  const idle: Collector[] = []

  async function take(signal: AbortSignal): Promise<Collector> {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (kept.login === session.logins()) return kept
    }
    const ref = await session.call('CreatePropertyCollector', {
      self: session.content.propertyCollector,
      args: {},
      signal,
    })
    return { ref, login: session.logins(), version: '' }
  }

  async function follow(collector: Collector, { type, ref, paths, signal, until }: Watch): Promise<void> {
    const spec = {
      propSet: [{ type, all: false, pathSet: paths }],
      objectSet: [{ obj: ref, skip: false }],
    }
    const filter = await session.call('CreateFilter', {
      self: collector.ref,
      args: { spec, partialUpdates: false },
      signal,
    })
    const seen = new Map<string, AnyValue | undefined>()
    for (;;) {
      const update = await session.call('WaitForUpdatesEx', {
        self: collector.ref,
        args: { version: collector.version, options: { maxWaitSeconds: MAX_WAIT_SECONDS } },
        signal,
        timeout: (MAX_WAIT_SECONDS + 60) * 1000,
      })
      if (update === undefined) continue
      collector.version = update.version
      note(seen, update, ref)
      if (until(seen)) break
    }
    await session.call('DestroyPropertyFilter', { self: filter, args: {}, signal })
  }

  return {
    async watch(watch) {
      for (;;) {
        const collector = await take(watch.signal)
        try {
          await follow(collector, watch)
          idle.push(collector)
          return
        } catch (error) {
          const isStale = collector.login !== session.logins() && isFault(error, 'ManagedObjectNotFound')
          if (isStale) continue
          // In an unknown state: the server may still hold a question of ours. It ends with the collector.
          await session
            .call('DestroyPropertyCollector', {
              self: collector.ref,
              args: {},
              signal: AbortSignal.timeout(5000),
            })
            .catch(() => undefined)
          throw error
        }
      }
    },
  }
}
