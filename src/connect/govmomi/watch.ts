import { createCollectorSource, type Collector } from './collector.ts'
import { isFault, VimError } from './error.ts'
import type { Value } from './schema/values.ts'
import { SERVICE_INSTANCE, type Session } from './session.ts'
import { createWatched, type Watch, type Watched } from './watched.ts'

/**
 * Waits for properties to change: of tasks, leases, machines, whatever the table knows. However many watches there are at
 * once, the server is asked one question for all of them, and holds it until there is an answer: nothing is polled.
 */
export interface Watcher {
  watch(watch: Watch): Promise<void>
}

/** A `WaitForUpdatesEx` that the server holds. */
interface Question {
  readonly collector: Collector
  /** Gives up waiting for the answer. */
  readonly stop: AbortController
  /** Aborted when the answer is there. */
  readonly over: AbortController
  isCalledBack: boolean
}

/** Seconds that a server is to hold a question at most: proxies and firewalls end what is silent for half a minute. */
const MAX_WAIT = 20

/** Milliseconds between an answer without news and the next question: some proxies answer at once. */
const IDLE_PAUSE = 250

/** Milliseconds after which a question is called back again, twice as many each time, and the most. */
const CALL_BACK_AGAIN = { first: 20, longest: 2000 }

const GOODBYE = 5000

/** Failures in a row that the watches survive by starting over. */
const MAX_FAILURES = 4

/** Makes a watcher. When the session had to log in again, its collector and filters are made anew, and no watch notices. */
export function createWatcher(session: Session): Watcher {
  const collectors = createCollectorSource(session)
  const all = new Set<Watched>()
  let question: Question | undefined
  let isRunning = false
  let waitSeconds = MAX_WAIT

  async function arm(watched: Watched): Promise<void> {
    const { type, ref: obj, paths, signal } = watched.watch
    const spec = { propSet: [{ type, all: false, pathSet: paths }], objectSet: [{ obj, skip: false }] }
    for (let failures = 0; ; failures += 1) {
      const used = await Promise.race([collectors.current(), watched.ended])
      if (used === undefined) return
      Object.assign(watched, { on: used, filter: undefined })
      try {
        const args = { spec, partialUpdates: false }
        watched.filter = await session.call('CreateFilter', { self: used.ref, args, signal })
        used.hasNews = true
        return
      } catch (error) {
        used.isSoiled = true
        if (!collectors.isLost(error, used) || failures === MAX_FAILURES) throw error
        used.isGone = true
      }
    }
  }

  async function ask({ collector, stop, over }: Question): Promise<Value<'UpdateSet'> | undefined> {
    const version = collector.hasNews ? '' : collector.version
    collector.hasNews = false
    try {
      return await session.call('WaitForUpdatesEx', {
        self: collector.ref,
        args: { version, options: { maxWaitSeconds: waitSeconds } },
        signal: stop.signal,
        timeout: (waitSeconds + 60) * 1000,
      })
    } finally {
      over.abort()
    }
  }

  // What was asked before a filter came need not be answered with what that filter sees. To call a question back that has
  // not arrived yet has no effect, so it is done again until the question is answered.
  async function callBack(asked: Question): Promise<void> {
    if (asked.isCalledBack) return
    asked.isCalledBack = true
    const { signal } = asked.over
    const { first, longest } = CALL_BACK_AGAIN
    try {
      for (let pause = first; !signal.aborted; pause = Math.min(longest, pause * 2)) {
        await session.call('CancelWaitForUpdates', { self: asked.collector.ref, args: {}, signal })
        await session.sleep(pause, { signal })
      }
    } catch {
      // The answer is there; or the call failed, and so will the question.
    }
  }

  function tell(update: Value<'UpdateSet'>): void {
    for (const { objectSet } of update.filterSet) {
      for (const object of objectSet) {
        for (const watched of all) if (watched.watch.ref.value === object.obj.value) watched.take(object)
      }
    }
  }

  const isAnswering = (until: AbortSignal): Promise<boolean> =>
    session.call('CurrentTime', { self: SERVICE_INSTANCE, args: {}, signal: until }).then(
      () => true,
      () => false,
    )

  /** Asks once and tells everybody. Gives why it failed where another round may mend that; throws where not. */
  async function round(): Promise<VimError | undefined> {
    const collector = await collectors.current()
    const homeless = [...all].filter(({ on, filter }) => filter !== undefined && on !== collector)
    await Promise.all(homeless.map((watched) => arm(watched).catch(watched.fail)))
    const asked = { collector, stop: new AbortController(), over: new AbortController(), isCalledBack: false }
    question = asked
    try {
      const update = await ask(asked)
      if (update === undefined) {
        await session.sleep(IDLE_PAUSE, { signal: asked.stop.signal })
        return undefined
      }
      collector.version = update.version
      tell(update)
      return undefined
    } catch (error) {
      // A server that answers everything but what takes a while has something in front of it that does not let it.
      const isLost = error instanceof VimError && (error.isTransient || error.code === 'timeout')
      const isCut = isLost && (await isAnswering(asked.stop.signal))
      if (asked.stop.signal.aborted) return undefined
      if (isFault(error, 'RequestCanceled') && asked.isCalledBack) return undefined
      if (isCut) {
        waitSeconds = Math.ceil(waitSeconds / 4)
        // The answer that was lost may have been the one that tells a new filter how things are.
        collector.hasNews = true
        return error
      }
      if (isFault(error, 'InvalidCollectorVersion')) collector.hasNews = true
      else if (collectors.isLost(error, collector)) collector.isGone = true
      else throw error
      return new VimError('protocol', 'the server loses its property collector again and again')
    } finally {
      question = undefined
    }
  }

  async function run(): Promise<void> {
    isRunning = true
    try {
      for (let failures = 0; all.size > 0;) {
        const failure = await round()
        failures = failure === undefined ? 0 : failures + 1
        if (failure !== undefined && failures > MAX_FAILURES) throw failure
      }
    } catch (error) {
      for (const watched of all) watched.fail(error)
    } finally {
      isRunning = false
    }
  }

  function makeHeard({ on }: Watched, asked: Question): void {
    if (asked.collector === on) void callBack(asked)
    // It was put before the latest login, and some servers let it wait for its time though nothing can come of it.
    else asked.stop.abort(new VimError('connection', 'the session that asked is over'))
  }

  async function leave({ on: used, filter }: Watched): Promise<void> {
    const asked = question
    if (used === undefined || used.isGone || used.login !== session.logins()) return
    if (all.size === 0 && (used.isSoiled || asked?.collector === used)) {
      // The server holds a question of ours, or a filter that we do not know: all of it ends with the collector.
      asked?.stop.abort(new VimError('connection', 'nobody waits for the answer any more'))
      await collectors.discard(used)
    } else if (filter !== undefined) {
      const signal = AbortSignal.timeout(GOODBYE)
      await session
        .call('DestroyPropertyFilter', { self: filter, args: {}, signal })
        .catch(() => (used.isSoiled = true))
    }
  }

  return {
    async watch(watch) {
      const watched = createWatched(watch)
      all.add(watched)
      try {
        await arm(watched)
        if (!isRunning) void run()
        else if (question !== undefined) makeHeard(watched, question)
        await watched.ended
      } finally {
        all.delete(watched)
        watched.close()
        await leave(watched)
      }
    },
  }
}
