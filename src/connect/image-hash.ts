import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'

import { openFileSource } from './govmomi/ovf/file-source.ts'
import { openOva } from './govmomi/ovf/ova.ts'

/** How to hash an image. */
export interface HashOptions {
  readonly signal: AbortSignal
  readonly onBytes: (done: number, total: number) => void
}

/** How many images are remembered. */
const MOST = 64

const known = new Map<string, Promise<string>>()

async function hashFile(path: string, { signal, onBytes }: HashOptions): Promise<string> {
  const source = await openFileSource(path)
  try {
    const hash = createHash('sha256')
    let done = 0
    for await (const piece of source.stream({ offset: 0, size: source.size })) {
      signal.throwIfAborted()
      hash.update(piece)
      done += piece.length
      onBytes(done, source.size)
    }
    return hash.digest('hex')
  } finally {
    await source.close()
  }
}

// The files beside a descriptor are not one file: what it refers to is hashed in its order, behind it.
async function hashFolder(path: string, { signal, onBytes }: HashOptions): Promise<string> {
  const ova = await openOva(path)
  try {
    const names = ova.descriptor.files.map(({ href }) => href)
    const total = names.reduce((sum, name) => sum + ova.member(name).size, 0)
    const hash = createHash('sha256').update(ova.descriptorText)
    let done = 0
    for (const name of names) {
      for await (const piece of ova.read(name, { signal })) {
        signal.throwIfAborted()
        hash.update(piece)
        done += piece.length
        onBytes(done, total)
      }
    }
    return hash.digest('hex')
  } finally {
    await ova.close()
  }
}

/**
 * The SHA-256 of a file in lower-case hex. It is read once, however many ask, for as long as it does not change; whoever asks
 * while another one's reading is stopped reads it anew.
 */
export async function readImageHash(path: string, options: HashOptions): Promise<string> {
  const stats = await stat(path, { bigint: true })
  // A descriptor tells nothing of the disks beside it: whether they changed is not seen without reading them.
  if (stats.isDirectory() || path.toLowerCase().endsWith('.ovf')) return hashFolder(path, options)
  const { dev, ino, size, mtimeNs, ctimeNs } = stats
  const key = [path, dev, ino, size, mtimeNs, ctimeNs].join(' ')
  const found = known.get(key)
  if (found !== undefined) {
    return found.catch(() => {
      options.signal.throwIfAborted()
      return hashFile(path, options)
    })
  }
  const [oldest] = known.keys()
  if (known.size >= MOST && oldest !== undefined) known.delete(oldest)
  const hashing = hashFile(path, options)
  known.set(key, hashing)
  hashing.catch(() => known.delete(key))
  return hashing
}
