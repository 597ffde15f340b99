import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

import { ConfigError } from '../../../model/error.ts'

/** Bytes that are hashed at once. */
const BLOCK = 1024 * 1024

/** A file of this machine that is about to be sent. */
export interface LocalFile {
  readonly path: string
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
  /** All of it, where it is small: it was read anyway. */
  readonly content?: Buffer
}

/** The error of a file that is not there any more, or not the same any more. */
export function explainUnreadable(path: string, cause?: unknown): ConfigError {
  return new ConfigError(`the file ${path} cannot be read`, {
    hint: 'check that it is there and readable, and that nothing changes it meanwhile',
    cause,
  })
}

/** Bytes up to which a file is kept in memory while it is sent. */
const SMALL = 128 * 1024

/** Reads a file once, to know its size and hash. */
export async function readLocalFile(path: string, signal: AbortSignal): Promise<LocalFile> {
  try {
    const { size } = await stat(path)
    const hash = createHash('sha256')
    if (size <= SMALL) {
      const content = await readFile(path, { signal })
      return { path, size: content.length, sha256: hash.update(content).digest('hex'), content }
    }
    await pipeline(createReadStream(path, { highWaterMark: BLOCK }), hash, { signal })
    return { path, size, sha256: hash.digest('hex') }
  } catch (cause) {
    signal.throwIfAborted()
    throw explainUnreadable(path, cause)
  }
}
