import { createHash } from 'node:crypto'

/** How to look through an OVA. */
export interface InspectOptions {
  readonly signal: AbortSignal
  /** Called with the bytes read so far, of the bytes that the manifest covers. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined
}

/** What an OVA is worth. */
export interface InspectedOva {
  /** Everything that is wrong with it, as sentences without a full stop; empty where it can be deployed. */
  readonly problems: readonly string[]
  /** Whether it says itself what its disks must be; without, nothing tells whether it is complete. */
  readonly hasManifest: boolean
}

/**
 * Reads through an OVA: that it opens, that its descriptor and its files are there, and that every one of them is what the
 * manifest says. Rejects with the file system's error where there is no file to read.
 */
export async function inspectOva(path: string, { signal, onBytes }: InspectOptions): Promise<InspectedOva> {
  const [{ openOva }, { VimError }] = await Promise.all([
    import('./govmomi/ovf/ova.ts'),
    import('./govmomi/error.ts'),
  ])
  const problems: string[] = []
  const ova = await openOva(path).catch((error: unknown) => {
    if (!(error instanceof VimError)) throw error
    problems.push(error.message)
  })
  if (ova === undefined) return { problems, hasManifest: true }
  try {
    const members = ova.descriptor.files.map(({ href }) => ova.member(href))
    const covered = members.flatMap(({ name, size, digest }) =>
      digest === undefined ? [] : [{ name, size, digest }],
    )
    const total = covered.reduce((sum, { size }) => sum + size, 0)
    let done = 0
    for (const { name, size, digest } of covered) {
      const hash = createHash(digest.algorithm)
      if (size > 0) {
        for await (const chunk of ova.read(name)) {
          signal.throwIfAborted()
          hash.update(chunk)
          done += chunk.length
          onBytes?.(done, total)
        }
      }
      if (hash.digest('hex') !== digest.hex) problems.push(`${name} is not what the manifest says`)
    }
    return { problems, hasManifest: covered.length === members.length }
  } finally {
    await ova.close()
  }
}
