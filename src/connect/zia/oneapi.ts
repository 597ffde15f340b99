import { z } from 'zod'

import type { Clock } from '../../model/clock.ts'
import type { ZiaEndpoint } from '../../model/endpoint.ts'
import { AuthError, ConfigError, ConnectError } from '../../model/error.ts'
import { signAssertion } from './assertion.ts'
import type { FreshProof } from './credentials.ts'
import { ZiaError } from './error.ts'
import type { Exchanger } from './exchange.ts'
import type { Quota } from './limits.ts'
import type { ZiaUse } from './session.ts'

/** A sign-in with an OneAPI client. */
export type OneApiLogin = Extract<ZiaEndpoint['login'], { readonly kind: 'oneapi' }>

const tokenSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  expires_in: z.coerce.number().positive().default(3600),
})

const AUDIENCE = 'https://api.zscaler.com'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const QUOTA: Quota = { name: 'POST token', windows: [{ max: 2, ms: 1000 }] }

/** Gets an OneAPI token. It is replaced a minute, or a tenth of its life, before it expires: the server's word counts. */
export async function openOneApiToken(
  login: OneApiLogin,
  options: {
    readonly token: string
    readonly exchanger: Exchanger
    readonly clock: Clock
    readonly use: ZiaUse
  },
): Promise<FreshProof> {
  const asked = options.clock.now()
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: login.clientId,
    audience: AUDIENCE,
    ...proveClient(login, asked),
  })
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  const exchanged = await options
    .exchanger(
      {
        request: { method: 'POST', url: options.token, headers, body: form.toString() },
        quota: QUOTA,
        what: 'the OneAPI sign-in',
        repeatable: true,
        secret: true,
      },
      options.use,
    )
    .catch((cause: unknown) => {
      if (cause instanceof ZiaError && cause.status >= 400 && cause.status < 500)
        throw unwelcome(login, cause)
      throw cause
    })
  if (exchanged.kind === 'signed-out') throw unwelcome(login, exchanged.said.message)
  const parsed = tokenSchema.safeParse(exchanged.body)
  if (!parsed.success) {
    throw new ConnectError('protocol', `${options.token} answered without a token`, {
      hint: 'check the vanity name and tokenUrl',
    })
  }
  const life = parsed.data.expires_in * 1000
  return {
    proof: { authorization: `Bearer ${parsed.data.access_token}` },
    until: asked + life - Math.min(60_000, life / 10),
  }
}

/** The fields of the form by which the client proves that it is one. */
function proveClient(
  { clientId, clientSecret, privateKey }: OneApiLogin,
  now: number,
): Readonly<Record<string, string>> {
  if (privateKey !== undefined) {
    const assertion = signAssertion(privateKey, { clientId, audience: AUDIENCE, now })
    return { client_assertion_type: ASSERTION, client_assertion: assertion }
  }
  if (clientSecret !== undefined) return { client_secret: clientSecret.reveal() }
  throw new ConfigError(`the API client ${clientId} has neither a client secret nor a private key`, {
    hint: 'give the login in the inventory one of clientSecret and privateKey',
  })
}

function unwelcome({ clientId, clientSecret, privateKey }: OneApiLogin, cause: unknown): AuthError {
  const hint =
    privateKey === undefined
      ? `see that its secret (${clientSecret?.describe() ?? 'none'}) is current`
      : `see that ZIdentity has the public half of its key (${privateKey.describe()}), and that the clock here is right`
  return new AuthError(`ZIdentity refused the API client ${clientId}`, {
    cause,
    hint: `${hint}, and that the client may use the ZIA API`,
  })
}
