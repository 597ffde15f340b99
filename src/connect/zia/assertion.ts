import { createPrivateKey, randomUUID, sign, type KeyObject } from 'node:crypto'

import { AuthError } from '../../model/error.ts'
import type { Secret } from '../../model/secret.ts'

/** Whom an assertion is for, and when it is made, in milliseconds since the epoch. */
export interface AssertionOptions {
  readonly clientId: string
  readonly audience: string
  readonly now: number
}

/** Seconds that an assertion is good for; ZIdentity takes none that lives longer than ten minutes. */
const LIFE = 300
/** Bits of the smallest key that ZIdentity takes. */
const SMALLEST = 2048

/** Signs what an API client says of itself with its private key, as a JSON Web Token by RS256. Throws an `AuthError` for a key that is none. */
export function signAssertion(privateKey: Secret, { clientId, audience, now }: AssertionOptions): string {
  const key = readKey(privateKey)
  const issued = Math.floor(now / 1000)
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    iat: issued,
    exp: issued + LIFE,
    jti: randomUUID(),
  }
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}

function readKey(privateKey: Secret): KeyObject {
  const where = privateKey.describe()
  let key: KeyObject
  try {
    key = createPrivateKey(privateKey.reveal())
  } catch {
    // What OpenSSL says may quote the key.
    throw new AuthError(`the private key from ${where} is no private key in PEM`, {
      hint: 'it begins with -----BEGIN PRIVATE KEY-----, and may have no passphrase',
    })
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType === 'rsa' && bits >= SMALLEST) return key
  throw new AuthError(`the private key from ${where} is no RSA key of at least ${SMALLEST} bits`, {
    hint: 'make one with `openssl genrsa 2048`, and give its public half to the API client in ZIdentity',
  })
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
