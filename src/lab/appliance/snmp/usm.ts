import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Protocols of the User-based Security Model (RFC 3414, RFC 3826), as `vzen` offers them. */
export interface Protocols {
  readonly auth: 'SHA1' | 'MD5'
  readonly privacy: 'AES' | 'DES'
}

/** Keys of a user, made for one engine: from these nobody gets back to the password. */
export interface UserKeys extends Protocols {
  readonly authKey: Buffer
  readonly privacyKey: Buffer
}

/** The clock of an engine, which goes into what it encrypts. */
export interface EngineTime {
  readonly boots: number
  readonly time: number
}

const MEGABYTE = 2 ** 20

/** Bytes of a digest that go into a message. */
export const DIGEST = 12

const hashOf = (auth: Protocols['auth']): string => (auth === 'SHA1' ? 'sha1' : 'md5')

/** Makes a user's keys from the password: a megabyte of it hashed, then once more with the engine's identity. */
export function planKeys(
  password: string,
  { auth, privacy, engine }: Protocols & { readonly engine: Buffer },
): UserKeys {
  const algorithm = hashOf(auth)
  const words = Buffer.from(password, 'latin1')
  const long = Buffer.alloc(MEGABYTE, words)
  const key = createHash(algorithm).update(long).digest()
  const local = createHash(algorithm).update(key).update(engine).update(key).digest()
  return { auth, privacy, authKey: local, privacyKey: local.subarray(0, 16) }
}

/** The digest that proves who sent a message; the message has zeros where it will stand. */
export function digest(message: Buffer, { auth, authKey }: UserKeys): Buffer {
  return createHmac(hashOf(auth), authKey).update(message).digest().subarray(0, DIGEST)
}

/** Whether a digest is the one of this message, which has zeros where it stood. */
export function isAuthentic(given: Buffer, message: Buffer, keys: UserKeys): boolean {
  return given.length === DIGEST && timingSafeEqual(given, digest(message, keys))
}

/** How to set a cipher up. Single DES is three-key DES with the same key three times, which is there where DES is not. */
function cipherOf({ privacy, privacyKey }: UserKeys, salt: Buffer, { boots, time }: EngineTime) {
  if (privacy === 'AES') {
    const clock = Buffer.alloc(8)
    clock.writeUInt32BE(boots, 0)
    clock.writeUInt32BE(time, 4)
    return { name: 'aes-128-cfb', key: privacyKey, iv: Buffer.concat([clock, salt]) }
  }
  const key = privacyKey.subarray(0, 8)
  const iv = Buffer.from(privacyKey.subarray(8, 16).map((byte, index) => byte ^ (salt[index] ?? 0)))
  return { name: 'des-ede3-cbc', key: Buffer.concat([key, key, key]), iv }
}

/** Decrypts; none where it cannot be. A wrong key gives bytes that mean nothing. */
export function decrypt(
  data: Buffer,
  { keys, salt, at }: { readonly keys: UserKeys; readonly salt: Buffer; readonly at: EngineTime },
): Buffer | undefined {
  if (salt.length !== 8 || (keys.privacy === 'DES' && data.length % 8 !== 0)) return undefined
  const { name, key, iv } = cipherOf(keys, salt, at)
  const decipher = createDecipheriv(name, key, iv).setAutoPadding(false)
  return Buffer.concat([decipher.update(data), decipher.final()])
}

/** Encrypts with a new salt, which travels beside. */
export function encrypt(
  data: Buffer,
  { keys, at }: { readonly keys: UserKeys; readonly at: EngineTime },
): { readonly data: Buffer; readonly salt: Buffer } {
  const salt = randomBytes(8)
  if (keys.privacy === 'DES') salt.writeUInt32BE(at.boots, 0)
  const { name, key, iv } = cipherOf(keys, salt, at)
  const cipher = createCipheriv(name, key, iv).setAutoPadding(false)
  // What is too much after the end of the value is ignored by whoever reads it.
  const padding = keys.privacy === 'DES' ? Buffer.alloc((8 - (data.length % 8)) % 8) : Buffer.alloc(0)
  return { data: Buffer.concat([cipher.update(Buffer.concat([data, padding])), cipher.final()]), salt }
}
