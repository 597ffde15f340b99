import { setMaxListeners } from 'node:events'

import type { Clock } from '../../model/clock.ts'
import type { ZiaEndpoint } from '../../model/endpoint.ts'
import type { Network } from '../../model/network.ts'
import { planBaseUrls } from './base-url.ts'
import { createCaller } from './call.ts'
import { createCredentials, type Proof } from './credentials.ts'
import { createEditQueue } from './edit-queue.ts'
import { createExchanger } from './exchange.ts'
import { openHttp } from './http.ts'
import { closeLegacySession, openLegacySession, touchLegacySession, type SignIn } from './legacy.ts'
import { createLimiter } from './limiter.ts'
import { openOneApiToken } from './oneapi.ts'
import { createReader } from './reader.ts'
import type { ZiaSession, ZiaTrace, ZiaUse } from './session.ts'
import { createSharedLists } from './shared-lists.ts'
import { createWriter } from './writer.ts'

/** What a session lives in. */
export interface ZiaOptions {
  readonly network: Network
  readonly clock: Clock
  /** Ends the session at once. */
  readonly signal: AbortSignal
  readonly trace?: ZiaTrace | undefined
  /** Milliseconds of the wall's clock that one answer may take; 90 s where absent. */
  readonly patience?: number | undefined
}

/** A legacy session lapses after five idle minutes unless the tenant says otherwise. */
const TOUCH_AFTER = 180_000

/** Signs in to a tenant. Throws an `AuthError` where it does not want us, a `ConnectError` where it is not there. */
export async function openZia(endpoint: ZiaEndpoint, options: ZiaOptions): Promise<ZiaSession> {
  const { network, clock, trace, patience } = options
  const { api, token } = planBaseUrls(endpoint)
  const closed = new AbortController()
  const signal = AbortSignal.any([options.signal, closed.signal])
  setMaxListeners(0, signal)
  const shared = { signal }
  const http = await openHttp({ network, signal, patience })
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

  const edits = { staged: 0, activated: 0 }
  let used = clock.now()
  const bare = createCaller({ api, exchanger, credentials })
  const call: typeof bare = async (what, use) => {
    used = clock.now()
    return bare(what, use)
  }
  const parts = {
    call,
    clock,
    shared,
    lists: createSharedLists({ clock }),
    queue: createEditQueue(),
    noted(what: 'edit' | 'activation') {
      if (what === 'edit') edits.staged += 1
      else edits.activated = edits.staged
    },
  }

  async function keepAlive(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(Math.max(1000, used + TOUCH_AFTER - clock.now()), { signal })
      if (clock.now() - used < TOUCH_AFTER) continue
      used = clock.now()
      // A failed touch does no harm: the next call signs in again.
      await credentials
        .proof(signal)
        .then((proof) => touchLegacySession(proof, signIn))
        .catch(() => {})
    }
  }

  let proof: Proof
  try {
    proof = await credentials.proof(signal)
  } catch (error) {
    closed.abort()
    await http.close()
    throw error
  }
  if (login.kind === 'legacy') keepAlive().catch(() => {})

  return {
    reader: (use) => createReader(parts, within(signal, use)),
    writer: (use) => createWriter(parts, within(signal, use)),
    async close() {
      if (closed.signal.aborted) return
      const isOurs = edits.activated > 0 && edits.activated === edits.staged
      if (login.kind === 'legacy' && isOurs && !signal.aborted) {
        proof = await credentials.proof(signal).catch(() => proof)
        await closeLegacySession(proof, signIn).catch(() => {})
      }
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
