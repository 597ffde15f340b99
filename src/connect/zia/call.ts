import type { Said } from './answer.ts'
import type { Credentials } from './credentials.ts'
import type { Exchanger } from './exchange.ts'
import { quotaOf, type Method } from './limits.ts'
import { signedOut } from './refusal.ts'
import type { ZiaUse } from './session.ts'

/** One call of the API, by its path below the base URL. */
interface Call {
  readonly method: Method
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: unknown
  /** Makes the body, where there is any, when it is about to be sent, each time it is. */
  readonly compose?: () => Promise<unknown>
  /** Whether making it twice does what making it once does; what only reads always does. */
  readonly repeatable?: boolean
}

/** Makes a call and gives the answer's body. */
export type Caller = (call: Call, use: ZiaUse) => Promise<unknown>

/** Renewals of one call's sign-in before it is given up. */
const RENEWALS = 3

/** Makes a caller that proves who it is, and signs in again where the server no longer knows it. */
export function createCaller(options: {
  readonly api: string
  readonly exchanger: Exchanger
  readonly credentials: Credentials
  /** Told, once a session, that the server no longer knew us when this was sent. */
  readonly signedOut: (sending: Pick<Call, 'method' | 'path'>, use: ZiaUse) => Promise<void>
}): Caller {
  const { api, exchanger, credentials } = options
  return async ({ method, path, query, body, compose, repeatable = method !== 'POST' }, use) => {
    const what = `${method} ${path}`
    const search = query === undefined ? '' : `?${new URLSearchParams(mapText(query)).toString()}`
    let said: Said | undefined
    for (let renewal = 0; renewal <= RENEWALS; renewal += 1) {
      const proof = await credentials.proof(use.signal)
      const headers = { accept: 'application/json', 'content-type': 'application/json', ...proof }
      const text = body === undefined ? undefined : JSON.stringify(body)
      const request = { method, url: `${api}${path}${search}`, headers, body: text }
      const composed =
        compose &&
        (async () => {
          const made = await compose()
          return made === undefined ? undefined : JSON.stringify(made)
        })
      const exchange = { request, quota: quotaOf(method, path), what, repeatable, compose: composed }
      const exchanged = await exchanger(exchange, use)
      if (exchanged.kind === 'done') return exchanged.body
      said = exchanged.said
      if (credentials.renew(proof)) await options.signedOut({ method, path }, use)
    }
    throw signedOut(what, said as Said)
  }
}

function mapText(query: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)]))
}
