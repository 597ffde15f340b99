import { readFile } from 'node:fs/promises'

import ssh2, { type ParsedKey } from 'ssh2'

import { ConfigError } from '../../model/error.ts'
import type { LoginKey } from './route.ts'

/** A private key that can be used, and what it is called in messages. */
export interface OpenedKey {
  readonly path: string
  readonly key: ParsedKey
}

async function openKey({ path, passphrase }: LoginKey): Promise<OpenedKey> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`the SSH key ${path} cannot be read`, {
      hint: 'check the path and its rights',
      cause,
    })
  }
  const parsed: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase?.reveal())
  if (parsed instanceof Error) {
    const isEncrypted = /encrypted|passphrase|integrity|bad decrypt|decrypt/i.test(parsed.message)
    const hint = isEncrypted
      ? 'give its passphrase in the inventory, or let the SSH agent have it'
      : 'it has to be a private key as ssh-keygen writes one'
    throw new ConfigError(`the SSH key ${path} cannot be opened: ${parsed.message}`, { hint, cause: parsed })
  }
  const key = [parsed].flat()[0]
  if (key === undefined || !key.isPrivateKey())
    throw new ConfigError(`the SSH key ${path} is not a private one`, { hint: 'name the file without .pub' })
  return { path, key }
}

/** The keys of a run, each read once: hundreds of servers are logged in to by the same one. */
export interface KeyRing {
  /** The keys that somebody may log in with. Rejects with a `ConfigError` for one that cannot be used and is not optional. */
  open(keys: readonly LoginKey[]): Promise<readonly OpenedKey[]>
}

/** Makes an empty one. */
export function createKeyRing(): KeyRing {
  const known = new Map<string, Promise<OpenedKey>>()

  async function take(key: LoginKey): Promise<OpenedKey | undefined> {
    // The same file may be written with a passphrase and without.
    const name = `${key.passphrase === undefined ? '' : 'with passphrase '}${key.path}`
    const opening = known.get(name) ?? openKey(key)
    known.set(name, opening)
    try {
      return await opening
    } catch (cause) {
      known.delete(name)
      if (key.optional) return undefined
      throw cause
    }
  }

  return {
    async open(keys) {
      const opened = await Promise.all(keys.map(take))
      return opened.filter((key) => key !== undefined)
    },
  }
}
