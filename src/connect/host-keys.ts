import { createHash, randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

import { ConfigError, ConnectError } from '../model/error.ts'
import type { Address } from '../model/network.ts'
import { lockAt } from '../state/lock.ts'
import { writeState } from '../state/write-error.ts'

/** The SSH host key that belongs to an address. */
export interface KnownHostKey {
  /** `SHA256:` and the unpadded base64 of the hash, as OpenSSH prints it. */
  readonly fingerprint: string
  /** `console`: read on the appliance’s own console. `first-use`: seen first, and kept. */
  readonly source: 'console' | 'first-use'
}

/** A host key that a `known_hosts` file has for an address. */
export interface KnownHost {
  /** `ssh-ed25519` and the like. */
  readonly type: string
  /** `SHA256:…`. */
  readonly fingerprint: string
  /** Never to be accepted again, whoever shows it. */
  readonly revoked: boolean
  /** `path:line`, for messages. */
  readonly place: string
}

/** Which host key is accepted at which address. */
export interface HostKeys {
  /** The file that they are kept in, for messages. */
  readonly path: string
  find(address: Address): KnownHostKey | undefined
  /** Makes this key the only one that is accepted at the address; resolves when that is on disk. */
  learn(address: Address, key: KnownHostKey): Promise<void>
  /** Accepts no key at the address before the one of a machine that is made there is learned; resolves when that is on disk. */
  forget(address: Address): Promise<void>
  /** Whether a machine is made at the address whose key nobody has seen yet. */
  isAwaited(address: Address): boolean
}

/** What stands in the file for a key that is still to be learned. */
const AWAITED = 'awaited'

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/

const keyOf = ({ host, port }: Address): string => `${host.toLowerCase()}:${port}`

/** The fingerprint of a host key as it comes over the wire. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** Finds a fingerprint in what `ssh-keygen -l` prints. */
export function parseFingerprint(text: string): string | undefined {
  return /SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/.exec(text)?.[0]
}

type Known = Map<string, KnownHostKey | typeof AWAITED>

function parseKnown(text: string, path: string): Known {
  try {
    const known: Known = new Map()
    for (const [address, key] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
      if (key === AWAITED) {
        known.set(address, key)
        continue
      }
      const { fingerprint, source } = key as Partial<KnownHostKey>
      if (fingerprint === undefined || !FINGERPRINT.test(fingerprint)) throw new TypeError(address)
      known.set(address, { fingerprint, source: source === 'console' ? 'console' : 'first-use' })
    }
    return known
  } catch (cause) {
    throw new ConfigError(`the host keys in ${path} cannot be read`, {
      hint: 'mend the file, or remove it and let the keys be read on the consoles again',
      cause,
    })
  }
}

async function readKnown(path: string): Promise<Known> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '{}'
    throw new ConfigError(`the host keys in ${path} cannot be read`, { cause })
  })
  return parseKnown(text, path)
}

/** Opens the store of host keys, a JSON file that is replaced atomically; empty where there is no file yet. */
export async function openHostKeys({ path }: { readonly path: string }): Promise<HostKeys> {
  const known = await readKnown(path)
  // What was decided here. All else belongs to whoever writes the file beside this, as check mode does, which takes no lock.
  const decided: Known = new Map()
  let writing: Promise<void> | undefined
  let waiting: Promise<void> | undefined

  async function write(): Promise<void> {
    // What another process decides between reading and replacing would be lost.
    const lock = await lockAt(`${path}.lock`, { what: path })
    try {
      // Of its own, so that two stores of one file never take each other's away.
      const fresh = `${path}.${randomBytes(6).toString('hex')}`
      const kept = Object.fromEntries([...(await readKnown(path)), ...decided])
      await writeState(path, async () => {
        await writeFile(fresh, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 })
        await rename(fresh, path)
      })
    } finally {
      await lock.release()
    }
  }

  function save(): Promise<void> {
    // A write that is under way may have missed what is new; all that wait share the one after it.
    waiting ??= (writing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        waiting = undefined
        writing = write()
        return writing
      })
    return waiting
  }

  function decide(address: Address, key: KnownHostKey | typeof AWAITED): Promise<void> {
    for (const keys of [known, decided]) keys.set(keyOf(address), key)
    return save()
  }

  return {
    path,
    find(address) {
      const key = known.get(keyOf(address))
      return key === AWAITED ? undefined : key
    },
    learn: decide,
    forget: (address) => decide(address, AWAITED),
    isAwaited: (address) => known.get(keyOf(address)) === AWAITED,
  }
}

/** What is asked of a host key that a server shows. */
export interface HostKeyCheck {
  readonly address: Address
  readonly fingerprint: string
  readonly policy: 'announced' | 'first-use'
  /** The key that the inventory names. */
  readonly announced?: string | undefined
  /** What `known_hosts` says of the address. */
  readonly knownHosts?: readonly KnownHost[] | undefined
  /** The file in which learned keys are kept, for the message. */
  readonly file: string
}

/** A key that is expected, who says so, and what takes that back. */
interface ExpectedKey {
  readonly fingerprint: string
  readonly origin: string
  readonly remedy: string
}

/** The key that is expected, and who says so. */
function expectedOf(
  known: KnownHostKey | undefined,
  { address, announced, knownHosts = [], fingerprint, file }: HostKeyCheck,
): ExpectedKey | undefined {
  if (announced !== undefined) {
    const remedy = 'write its new fingerprint into the inventory'
    return { fingerprint: announced, origin: 'announced in the inventory', remedy }
  }
  if (known !== undefined) {
    const [origin, next] =
      known.source === 'console'
        ? ['read on its console', '`runbook deploy --tags host-key` reads the new one on its console']
        : ['seen first', 'the next run learns it again']
    const remedy = `remove “${keyOf(address)}” from ${file}, so that ${next}`
    return { fingerprint: known.fingerprint, origin, remedy }
  }
  const listed = knownHosts.filter(({ revoked }) => !revoked)
  const found = listed.find((each) => each.fingerprint === fingerprint) ?? listed[0]
  return found === undefined
    ? undefined
    : {
        fingerprint: found.fingerprint,
        origin: `listed in ${found.place}`,
        remedy: `mend ${found.place}`,
      }
}

/**
 * Says why a host key is refused; nothing where it is the expected one, or the first one and that is enough. What the
 * inventory announces outranks what an earlier run has learned, and that outranks `known_hosts`; a revoked key is refused
 * whoever vouches for it.
 */
export function judgeHostKey(known: KnownHostKey | undefined, check: HostKeyCheck): ConnectError | undefined {
  const { address, fingerprint, policy, knownHosts = [] } = check
  const place = keyOf(address)
  const revoked = knownHosts.find((each) => each.revoked && each.fingerprint === fingerprint)
  if (revoked !== undefined) {
    return new ConnectError('host-key', `the SSH host key of ${place}, ${fingerprint}, was revoked`, {
      hint: `see ${revoked.place}; give the machine a new host key`,
    })
  }
  const expected = expectedOf(known, check)
  if (expected?.fingerprint === fingerprint) return undefined
  if (expected !== undefined) {
    return new ConnectError(
      'host-key',
      `the SSH host key of ${place} changed: ${fingerprint} was shown, ${expected.fingerprint} was ${expected.origin}`,
      {
        hint: `find out why before anything else; where you know that the machine was rebuilt, ${expected.remedy}`,
      },
    )
  }
  if (policy === 'first-use') return undefined
  return new ConnectError(
    'host-key',
    `the SSH host key of ${place}, ${fingerprint}, is not known and was not announced`,
    {
      hint: 'have it read on the console, which `runbook deploy --tags host-key` does for an appliance, or set hostKey: ‘first-use’ in the inventory',
    },
  )
}
