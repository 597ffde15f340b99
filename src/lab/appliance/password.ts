import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** A password as it is kept: salt and hash, both in base64. */
export interface PasswordHash {
  readonly salt: string
  readonly hash: string
}

const LENGTH = 32
/** A lab of eighty machines logs in thousands of times: cheap on purpose. */
const COST = 256

const derive = promisify<string | Buffer, Buffer, number, { N: number }, Buffer>(scrypt)

/** Hashes a password, given as bytes in a string, with a new salt. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16)
  const hash = await derive(Buffer.from(password, 'latin1'), salt, LENGTH, { N: COST })
  return { salt: salt.toString('base64'), hash: hash.toString('base64') }
}

/** Whether a password is the one that was hashed. */
export async function isPassword(password: string, { salt, hash }: PasswordHash): Promise<boolean> {
  const derived = await derive(Buffer.from(password, 'latin1'), Buffer.from(salt, 'base64'), LENGTH, {
    N: COST,
  })
  return timingSafeEqual(derived, Buffer.from(hash, 'base64'))
}

const CLASSES = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/]

/** Why a password is refused under `enforce-password-complexity`; none where it is accepted. */
export function passwordProblem(password: string): string | undefined {
  const classes = CLASSES.filter((pattern) => pattern.test(password)).length
  const words = password.split(/[\s_-]+/).filter((word) => word.length > 1)
  const isPhrase = password.length >= 32 && password.length <= 40 && new Set(words).size >= 4
  if ((password.length >= 24 && classes >= 3) || (password.length >= 16 && classes === 4) || isPhrase) {
    return undefined
  }
  return 'Weak password: use 24 characters of 3 classes, 16 characters of 4 classes, or a passphrase of 4 words.'
}
