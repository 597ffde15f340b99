import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'

import type { Clock } from '../../model/clock.ts'
import type { ManagedObject } from './model/managed-object.ts'
import type { Session } from './model/session.ts'
import type { Sessions } from './model/sessions.ts'

/** Milliseconds without a call after which a server forgets a session. */
const IDLE_LIMIT = 30 * 60 * 1000

interface Entry {
  readonly session: Session
  readonly stop: AbortController
  calls: number
  lastActive: number
}

/** Makes a server's sessions; they idle by the lab's clock. */
export function createSessions(clock: Clock): Sessions {
  const entries = new Map<string, Entry>()
  const belongings = new WeakMap<Session, Map<string, ManagedObject>>()

  function end({ session, stop }: Entry): void {
    entries.delete(session.token)
    stop.abort()
    belongings.get(session)?.clear()
  }

  function isIdle({ calls, lastActive }: Entry): boolean {
    return calls === 0 && clock.now() - lastActive > IDLE_LIMIT
  }

  const createSession = (userName: string, signal: AbortSignal): Session => {
    let last = 0
    return {
      token: randomBytes(20).toString('hex'),
      key: randomBytes(16).toString('hex'),
      userName,
      loginTime: clock.now(),
      signal,
      nextId: () => ++last,
    }
  }

  return {
    anonymous: createSession('', new AbortController().signal),
    login(userName) {
      for (const entry of entries.values()) if (isIdle(entry)) end(entry)
      const stop = new AbortController()
      // Every collector and lease of the session listens to its end.
      setMaxListeners(0, stop.signal)
      const session = createSession(userName, stop.signal)
      entries.set(session.token, { session, stop, calls: 0, lastActive: clock.now() })
      return session
    },
    find(token) {
      const entry = token === undefined ? undefined : entries.get(token)
      if (entry === undefined) return undefined
      if (!isIdle(entry)) return entry.session
      end(entry)
      return undefined
    },
    use({ token }) {
      const entry = entries.get(token)
      if (entry === undefined) return () => {}
      entry.calls++
      return () => {
        entry.calls--
        entry.lastActive = clock.now()
      }
    },
    end({ token }) {
      const entry = entries.get(token)
      if (entry !== undefined) end(entry)
    },
    endAll() {
      for (const entry of entries.values()) end(entry)
    },
    objectsOf(session) {
      const known = belongings.get(session)
      if (known !== undefined) return known
      const objects = new Map<string, ManagedObject>()
      belongings.set(session, objects)
      return objects
    },
    belongings: () =>
      [...entries.values()].flatMap(({ session }) => [...(belongings.get(session)?.values() ?? [])]),
    get size() {
      return entries.size
    },
  }
}
