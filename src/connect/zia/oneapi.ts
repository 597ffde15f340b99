import { z } from 'zod'

import type { Clock } from '../../model/clock.ts'
import type { ZiaEndpoint } from '../../model/endpoint.ts'
import { AuthError, ConnectError } from '../../model/error.ts'
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
    client_secret: login.clientSecret.reveal(),
    audience: 'https://api.zscaler.com',
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

function unwelcome(login: OneApiLogin, cause: unknown): AuthError {
  return new AuthError(`ZIdentity refused the API client ${login.clientId}`, {
    cause,
    hint: `see that its secret (${login.clientSecret.describe()}) is current and that the client may use the ZIA API`,
  })
}
