import { setMaxListeners } from 'node:events'

import type { Clock } from '../../model/clock.ts'
import type { ZiaEndpoint } from '../../model/endpoint.ts'
import type { Network } from '../../model/network.ts'
import { planBaseUrls } from './base-url.ts'
import { createBindings } from './bindings.ts'
import { createCaller } from './call.ts'
import { createCredentials } from './credentials.ts'
import { createEditQueue } from './edit-queue.ts'
import { createEditRecord } from './edit-record.ts'
import { createExchanger } from './exchange.ts'
import { createForeignChanges } from './foreign-changes.ts'
import { openHttp, type Http } from './http.ts'
import { closeLegacySession, openLegacySession, touchLegacySession, type SignIn } from './legacy.ts'
import { createLimiter } from './limiter.ts'
import { openOneApiToken } from './oneapi.ts'
import { describeFate, type Pending, type StagedMark } from './pending.ts'
import { createReadBack } from './read-back.ts'
import { createReader, readStatus } from './reader.ts'
import type { Subscription } from './resource.ts'
import { createServerMode } from './server-mode.ts'
import { createServerTime } from './server-time.ts'
import type { ZiaSession, ZiaTrace, ZiaUse } from './session.ts'
import { createSharedLists } from './shared-lists.ts'
import { createSharedValue } from './shared-value.ts'
import { checkTenant, readOrganisation } from './tenant.ts'
import { createWriter } from './writer.ts'
import { createWritten } from './written.ts'

/** What a session lives in. */
export interface ZiaOptions {
  readonly network: Network
  readonly clock: Clock
  /** Ends the session at once. */
  readonly signal: AbortSignal
  readonly trace?: ZiaTrace | undefined
  /** Milliseconds of the wall's clock that one answer may take; 90 s where absent. */
  readonly patience?: number | undefined
  /** Where it is kept from run to run that edits of ours are pending; nowhere where absent. */
  readonly mark?: StagedMark | undefined
  /** What requests are sent by; by HTTPS through the network where absent. It is closed with the session. */
  readonly http?: Http | undefined
}

/** A legacy session lapses after five idle minutes unless the tenant says otherwise. */
const TOUCH_AFTER = 180_000

/**
 * Signs in to a tenant. Throws an `AuthError` where it does not want us, a `ConnectError` where it is not there, a
 * `ConfigError` where it is another one than the inventory names: then nothing of it was read or written.
 */
export async function openZia(endpoint: ZiaEndpoint, options: ZiaOptions): Promise<ZiaSession> {
  const { network, clock, trace, patience } = options
  const { api, token } = planBaseUrls(endpoint)
  const closed = new AbortController()
  const signal = AbortSignal.any([options.signal, closed.signal])
  setMaxListeners(0, signal)
  const shared = { signal }
  const time = createServerTime({ clock })
  const mode = createServerMode()
  const http = mode.watch(time.watch(options.http ?? (await openHttp({ network, signal, patience }))))
  const exchanger = createExchanger({ http, limiter: createLimiter({ clock }), clock, trace })
  const signIn: SignIn = { api, exchanger, clock, use: shared }
  const { login } = endpoint
  const credentials = createCredentials(
    () =>
      login.kind === 'legacy'
        ? openLegacySession(login, signIn)
        : openOneApiToken(login, { ...signIn, token: token ?? '' }),
    clock,
  )

  const { others = 'refuse' } = endpoint
  const record = createEditRecord({ mark: options.mark, clock, login: login.kind, others })
  let used = clock.now()
  // What is read for everybody has nobody to tell: the next call has.
  let untold: string | undefined
  function tell({ warn }: ZiaUse): void {
    if (untold === undefined || warn === undefined) return
    warn(untold)
    untold = undefined
  }
  const memory = { written: createWritten(), bindings: createBindings(), foreign: createForeignChanges() }
  const bare = createCaller({
    api,
    exchanger,
    credentials,
    async signedOut(_, use) {
      if (login.kind !== 'legacy' || !record.isPending()) return
      untold = 'ZIA has ended the session, and with it has activated what was only half written'
      tell(use)
      memory.foreign.clear()
      await record.lapsed()
    },
  })
  const call: typeof bare = async (what, use) => {
    used = clock.now()
    tell(use)
    return bare(what, use)
  }
  const lists = createSharedLists({ clock })
  const queue = createEditQueue()
  const bought = createSharedValue<readonly Subscription[]>({ clock })
  const waiting = createSharedValue<Pending>({ clock, life: 60_000 })
  const fate = (): string => describeFate(login.kind, used)
  const read = { call, clock, shared, lists, queue, bought, waiting, record, time, mode, fate }
  const parts = { ...read, readBack: createReadBack(read), ...memory, stamps: { areWelcome: true } }

  /** Keeps a session alive that would activate something by ending; any other one may lapse before there is more of others' to activate. */
  async function keepAlive(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(Math.max(1000, used + TOUCH_AFTER - clock.now()), { signal })
      if (clock.now() - used < TOUCH_AFTER || !record.isPending()) continue
      used = clock.now()
      // A failed touch does no harm: the next call signs in again.
      await credentials
        .proof(signal)
        .then((proof) => touchLegacySession(proof, signIn))
        .then(() => record.keep())
        .catch(() => {})
    }
  }

  /** A log-out activates all that is pending: it is left out where anything is, and the mark says since when the session is idle. */
  async function signOut(): Promise<void> {
    await record.keep()
    if (login.kind !== 'legacy' || !record.isDone()) return
    if ((await record.ask(() => readStatus(call, shared))) !== 'ACTIVE') return
    await closeLegacySession(await credentials.proof(signal), signIn)
  }

  try {
    await credentials.proof(signal)
    checkTenant(endpoint, await readOrganisation(call, shared))
  } catch (error) {
    closed.abort()
    await http.close()
    throw error
  }
  if (login.kind === 'legacy') keepAlive().catch(() => {})

  return {
    reader: (use) => createReader(parts, within(signal, use)),
    writer: (use) => createWriter(parts, within(signal, use)),
    leftover() {
      if (!record.isPending()) return undefined
      const what = record.staged().length === 0 ? '' : ` for ${record.staged().join(', ')}`
      return `What this run has changed in ZIA (${endpoint.cloud})${what} is not activated: ${fate()}`
    },
    async close() {
      if (closed.signal.aborted) return
      if (!signal.aborted) await signOut().catch(() => {})
      closed.abort()
      await http.close()
    },
  }
}

/** A use that ends with its session, too. Many calls may wait for the same signal at once, and that is no leak. */
function within(session: AbortSignal, use: ZiaUse): ZiaUse {
  const signal = AbortSignal.any([session, use.signal])
  setMaxListeners(0, signal)
  return { ...use, signal }
}
