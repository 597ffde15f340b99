import type { Algorithms } from 'ssh2'

/**
 * What is offered, strongest first. Nothing with SHA-1 or CBC: an appliance that has nothing better is refused, and the
 * inventory has to say so before anything older is spoken. Types of host key stand in the order in which a console is asked
 * for them, so that the key that is announced is the one that is shown.
 */
const MODERN = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
} satisfies Algorithms

/** What is offered after all of that where the inventory allows it: enough for an OpenSSH of 2010. */
const LEGACY = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1'],
  serverHostKey: ['ssh-rsa'],
  cipher: ['aes128-cbc', 'aes256-cbc', '3des-cbc'],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
} satisfies Algorithms

/** The types of host key that `known_hosts` writes, and the algorithms that prove one. */
const PROOFS: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
}

/**
 * What is offered to a server. Types of host key that are known of it go first: a server with several keys would
 * otherwise show another one, and look changed.
 */
export function selectAlgorithms({
  legacy,
  knownTypes,
}: {
  readonly legacy: boolean
  readonly knownTypes: readonly string[]
}): Algorithms {
  const known = new Set(knownTypes.flatMap((type) => PROOFS[type] ?? [type]))
  const hostKeys = [...MODERN.serverHostKey, ...(legacy ? LEGACY.serverHostKey : [])]
  const serverHostKey = [
    ...hostKeys.filter((name) => known.has(name)),
    ...hostKeys.filter((name) => !known.has(name)),
  ] as typeof MODERN.serverHostKey
  if (!legacy) return { ...MODERN, serverHostKey }
  return {
    kex: [...MODERN.kex, ...LEGACY.kex],
    serverHostKey,
    cipher: [...MODERN.cipher, ...LEGACY.cipher],
    hmac: [...MODERN.hmac, ...LEGACY.hmac],
  }
}
