import { createHash } from 'node:crypto'
import { type BigIntStats, createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

import { ModuleError } from '#sdk'

/** How many files are remembered; a roll-out has an image and a certificate a node. */
const MOST = 1000

/** What a look at a file needs: where it is, and how to stop. */
export interface Look {
  readonly path: string
  readonly signal: AbortSignal
  /** Tells how many bytes have been read so far. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined
}

/** Why a file could not be looked at, in words; the system's own where they say more. */
export function explainMissing(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  return code === 'EACCES' ? 'permission denied' : message
}

/** A file that changes in any way gets another identity. */
function identityOf(path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

/**
 * Makes a look at a file that is taken once for as long as the file stays the same, however many targets ask: eighty
 * nodes check one image. A look that fails is not remembered.
 */
export function keepLook<T>(
  look: (at: Look & { readonly size: number }) => Promise<T>,
): (at: Look) => Promise<T> {
  const taken = new Map<string, Promise<T>>()
  return async (at) => {
    const stats = await stat(at.path, { bigint: true })
    if (!stats.isFile()) throw new ModuleError(`${at.path} is no file`, { hint: 'name the downloaded file' })
    const key = identityOf(at.path, stats)
    const known = taken.get(key)
    // The one who took the look may have been stopped; that is no reason for another to fail.
    if (known !== undefined) {
      return known.catch(() => {
        at.signal.throwIfAborted()
        return look({ ...at, size: Number(stats.size) })
      })
    }
    const [oldest] = taken.keys()
    if (taken.size >= MOST && oldest !== undefined) taken.delete(oldest)
    const result = look({ ...at, size: Number(stats.size) })
    taken.set(key, result)
    result.catch(() => taken.delete(key))
    return result
  }
}

/** The SHA-256 of a file, in lower-case hex. Rejects where it cannot be read. */
export const readHash = keepLook(async ({ path, signal }) => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer)
  return hash.digest('hex')
})
