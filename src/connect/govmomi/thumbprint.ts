import { createHash } from 'node:crypto'

import { VimError } from './error.ts'

/** A certificate's fingerprint as somebody pinned it: SHA-1 or SHA-256. */
export interface Thumbprint {
  readonly algorithm: 'sha1' | 'sha256'
  /** Lower-case hex without separators. */
  readonly hex: string
}

/** Parses `AA:BB:…`, with or without colons, in any case; 20 bytes are SHA-1, 32 are SHA-256. */
export function parseThumbprint(text: string): Thumbprint {
  const hex = text.replaceAll(/[:\s-]/g, '').toLowerCase()
  if (/^[0-9a-f]{40}$/.test(hex)) return { algorithm: 'sha1', hex }
  if (/^[0-9a-f]{64}$/.test(hex)) return { algorithm: 'sha256', hex }
  throw new VimError('tls', `“${text}” is neither a SHA-1 nor a SHA-256 thumbprint`, {
    hint: 'write the 20 or 32 bytes in hex, such as 3F:1A:…',
  })
}

/** Whether a certificate, in DER, has the thumbprint. */
export function matchesThumbprint(certificate: Buffer, { algorithm, hex }: Thumbprint): boolean {
  return createHash(algorithm).update(certificate).digest('hex') === hex
}

/** A certificate's SHA-256 thumbprint as it is written in an inventory. */
export function renderThumbprint(certificate: Buffer): string {
  const hex = createHash('sha256').update(certificate).digest('hex').toUpperCase()
  return hex.replaceAll(/(..)(?=.)/g, '$1:')
}

/** A certificate's SHA-1 thumbprint as vSphere writes it: `AB:CD:…`. */
export function renderSha1Thumbprint(certificate: Buffer): string {
  return createHash('sha1')
    .update(certificate)
    .digest('hex')
    .toUpperCase()
    .replaceAll(/(..)(?=.)/g, '$1:')
}
