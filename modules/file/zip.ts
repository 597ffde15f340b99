import type { Entry } from 'yauzl'

import { keepLook, readHash } from './keep.ts'

/** A bundle is a few kilobytes of certificates and keys; what is larger is something else. */
const MOST_BYTES = 16 * 1024 * 1024
const MOST_ENTRIES = 200
const MOST_ENTRY_BYTES = 1024 * 1024

/** What is in a ZIP file, as far as certificates go. */
export interface ZipContent {
  readonly sha256: string
  /** Why it is no usable ZIP file, as a clause; nothing where it is. */
  readonly problem: string | undefined
  readonly entries: number
  /** Every PEM certificate in it. */
  readonly certificates: readonly string[]
}

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,100000}-----END CERTIFICATE-----/g

/** Why an entry is refused unread, as a clause; nothing where it may be read. */
function refuseEntry(entry: Entry): string | undefined {
  const name = JSON.stringify(entry.fileName.slice(0, 60))
  if (entry.isEncrypted()) return `its entry ${name} is encrypted`
  if (entry.uncompressedSize > MOST_ENTRY_BYTES)
    return `its entry ${name} has ${entry.uncompressedSize} bytes`
  return undefined
}

async function readEntries(path: string, signal: AbortSignal): Promise<Omit<ZipContent, 'sha256'>> {
  const { openPromise } = await import('yauzl')
  // Names that lead out of a folder are refused by the reader, and so are sizes that lie.
  const zip = await openPromise(path, { strictFileNames: true })
  let entries = 0
  const certificates: string[] = []
  try {
    if (zip.entryCount > MOST_ENTRIES)
      return { problem: `it has ${zip.entryCount} entries`, entries, certificates }
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted()
      if (entry.fileName.endsWith('/')) continue
      const problem = refuseEntry(entry)
      if (problem !== undefined) return { problem, entries, certificates }
      entries += 1
      let text = ''
      for await (const chunk of await zip.openReadStreamPromise(entry))
        text += (chunk as Buffer).toString('latin1')
      certificates.push(...(text.match(PEM) ?? []))
    }
    return { problem: entries === 0 ? 'it is empty' : undefined, entries, certificates }
  } finally {
    zip.close()
  }
}

/** Looks into a ZIP file without unpacking it. Rejects where there is no file; a bad one is a `problem`. */
export const readZip = keepLook<ZipContent>(async ({ path, size, signal }) => {
  if (size > MOST_BYTES) {
    return {
      sha256: '',
      problem: `it has ${size} bytes, far more than a certificate`,
      entries: 0,
      certificates: [],
    }
  }
  const sha256 = await readHash({ path, signal })
  try {
    return { sha256, ...(await readEntries(path, signal)) }
  } catch (error) {
    signal.throwIfAborted()
    return {
      sha256,
      problem: `it does not open as a ZIP file (${(error as Error).message})`,
      entries: 0,
      certificates: [],
    }
  }
})
