import { VimError } from '../error.ts'

/** What a manifest says about a file. */
export interface Digest {
  readonly algorithm: 'sha1' | 'sha256' | 'sha512'
  /** Lower-case hex. */
  readonly hex: string
}

const LENGTHS: Readonly<Record<Digest['algorithm'], number>> = { sha1: 40, sha256: 64, sha512: 128 }

const LINE = /^(SHA1|SHA256|SHA512)\s?\(([^()]{1,255})\)\s?=\s*([0-9a-f]+)$/i

/** Parses a manifest: one `SHA256(name)= hex` a line. Throws a `VimError` for any line that it cannot understand. */
export function parseManifest(text: string): ReadonlyMap<string, Digest> {
  const digests = new Map<string, Digest>()
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const [, written = '', name = '', hex = ''] = LINE.exec(line.trim()) ?? []
    const algorithm = written.toLowerCase() as Digest['algorithm']
    if (name === '' || hex.length !== LENGTHS[algorithm]) {
      throw new VimError(
        'archive',
        `the manifest has a line that makes no sense: “${line.trim().slice(0, 80)}”`,
      )
    }
    if (digests.has(name)) throw new VimError('archive', `the manifest names ${name} twice`)
    digests.set(name, { algorithm, hex: hex.toLowerCase() })
  }
  return digests
}
