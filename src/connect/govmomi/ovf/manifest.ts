import { VimError } from '../error.ts'

/** What a manifest says about a file. */
export interface Digest {
  readonly algorithm: 'sha1' | 'sha256' | 'sha512'
  /** Lower-case hex. */
  readonly hex: string
}

/** A manifest, read. */
export interface Manifest {
  /** By the name of the file. */
  readonly digests: ReadonlyMap<string, Digest>
  /** What is odd about it, as clauses: it can be understood, but other tools may refuse it. */
  readonly oddities: readonly string[]
}

const LENGTHS: Readonly<Record<Digest['algorithm'], number>> = { sha1: 40, sha256: 64, sha512: 128 }

const LINE = /^SHA(2-)?(1|256|512)(\s?)\(([^()]{1,255})\)\s?=\s*([0-9a-f]+)$/i

/**
 * Parses a manifest: one `SHA256(name)= hex` a line. `SHA2-256`, and a blank before the bracket, are understood and noted:
 * vSphere's own clients refuse both. Throws a `VimError` for any line that it cannot understand.
 */
export function parseManifest(text: string): Manifest {
  const digests = new Map<string, Digest>()
  const oddities = new Set<string>()
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const [, family, bits = '', blank, name = '', hex = ''] = LINE.exec(line.trim()) ?? []
    const algorithm = `sha${bits}` as Digest['algorithm']
    if (name === '' || hex.length !== LENGTHS[algorithm]) {
      throw new VimError(
        'archive',
        `the manifest has a line that makes no sense: “${line.trim().slice(0, 80)}”`,
      )
    }
    if (family !== undefined) oddities.add(`it writes SHA2-${bits} for SHA${bits}`)
    if (blank !== '') oddities.add('it has a blank before the bracket')
    if (digests.has(name)) throw new VimError('archive', `the manifest names ${name} twice`)
    digests.set(name, { algorithm, hex: hex.toLowerCase() })
  }
  return { digests, oddities: [...oddities] }
}
