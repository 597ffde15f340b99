import { createPublicKey, verify } from 'node:crypto'

import type { Secret } from '../../model/secret.ts'

/** Whose assertions are believed, and at what time in milliseconds since the epoch. */
export interface AssertionRules {
  readonly clientId: string
  /** The client's key; the tenant uses its public half alone. */
  readonly privateKey: Secret
  readonly audience: string
  readonly now: number
}

/** The longest that an assertion may be good for, and how far clocks may be apart, in seconds. */
const LONGEST = 600
const LEEWAY = 60
const SMALLEST = 2048

/** Whether a JSON Web Token is an assertion of this client: signed by RS256, for this audience, and good now. */
export function isAssertion(token: string, { clientId, privateKey, audience, now }: AssertionRules): boolean {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || decode(header)?.get('alg') !== 'RS256') return false
  const key = createPublicKey(privateKey.reveal())
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST)
    return false
  const signed = Buffer.from(`${header}.${payload}`)
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) return false
  const claims = decode(payload)
  const second = now / 1000
  const expires = Number(claims?.get('exp'))
  return (
    claims?.get('iss') === clientId &&
    claims.get('sub') === clientId &&
    claims.get('aud') === audience &&
    expires > second &&
    expires <= second + LONGEST + LEEWAY
  )
}

function decode(part: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
