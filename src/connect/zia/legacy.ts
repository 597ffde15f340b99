import type { Clock } from '../../model/clock.ts'
import type { ZiaEndpoint } from '../../model/endpoint.ts'
import { AuthError } from '../../model/error.ts'
import type { FreshProof, Proof } from './credentials.ts'
import { ZiaError } from './error.ts'
import type { Exchange, Exchanger } from './exchange.ts'
import { quotaOf, type Method } from './limits.ts'
import { obfuscateKey } from './obfuscate.ts'
import { describe } from './refusal.ts'
import type { ZiaUse } from './session.ts'

/** A sign-in with name, password and API key. */
export type LegacyLogin = Extract<ZiaEndpoint['login'], { readonly kind: 'legacy' }>

const PATH = '/authenticatedSession'

/** Opens a legacy session: name, password and the mixed API key against a `JSESSIONID` cookie. */
export async function openLegacySession(
  login: LegacyLogin,
  { api, exchanger, clock, use }: SignIn,
): Promise<FreshProof> {
  const timestamp = Math.floor(clock.now())
  const body = JSON.stringify({
    username: login.username,
    password: login.password.reveal(),
    apiKey: obfuscateKey(login.apiKey.reveal(), timestamp),
    timestamp: String(timestamp),
  })
  const exchanged = await exchanger(planExchange('POST', api, { body }), use).catch((cause: unknown) => {
    if (!(cause instanceof ZiaError)) throw cause
    throw new AuthError(`ZIA refused the sign-in of ${login.username}: ${cause.reason ?? cause.message}`, {
      cause,
      hint: `see that password (${login.password.describe()}) and API key (${login.apiKey.describe()}) belong to this cloud, and that the clock is right`,
    })
  })
  if (exchanged.kind === 'signed-out') {
    throw new AuthError(`ZIA refused the sign-in of ${login.username}: ${describe(exchanged.said)}`, {
      hint: 'see whether this administrator is enabled and may use the API of this cloud',
    })
  }
  const cookies = exchanged.answer.headers['set-cookie'] ?? ''
  const session = /(?:^|\n)\s*JSESSIONID=([\w.!~*'()%+/=-]{1,512})/.exec(cookies)?.[1]
  if (session === undefined) {
    throw new AuthError(`ZIA let ${login.username} in without giving a session`, {
      hint: 'check that apiUrl is the API’s and not the Admin Portal’s',
    })
  }
  return { proof: { cookie: `JSESSIONID=${session}` }, until: Infinity }
}

/** Touches the session, so that it does not lapse: a lapsed one activates what is only half written. */
export async function touchLegacySession(proof: Proof, { api, exchanger, use }: SignIn): Promise<void> {
  await exchanger(planExchange('GET', api, { proof }), use)
}

/** Logs out, which activates whatever is staged. */
export async function closeLegacySession(proof: Proof, { api, exchanger, use }: SignIn): Promise<void> {
  await exchanger(planExchange('DELETE', api, { proof }), use)
}

/** What a sign-in works with. */
export interface SignIn {
  readonly api: string
  readonly exchanger: Exchanger
  readonly clock: Clock
  readonly use: ZiaUse
}

function planExchange(
  method: Method,
  api: string,
  { body, proof }: { readonly body?: string; readonly proof?: Proof },
): Exchange {
  const headers = { accept: 'application/json', 'content-type': 'application/json', ...proof }
  return {
    request: { method, url: `${api}${PATH}`, headers, body },
    quota: quotaOf(method, PATH),
    what: `${method} ${PATH}`,
    repeatable: true,
    secret: true,
  }
}
