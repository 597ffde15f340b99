import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { ModuleError } from '#sdk'

import { explainMissing } from './keep.ts'

/** Where a file goes, and what it must be when it has arrived. */
export interface Placing {
  /** Absolute. */
  readonly to: string
  /** In lower-case hex; not compared where absent. */
  readonly sha256?: string | undefined
  readonly signal: AbortSignal
}

/**
 * Copies a file to where it is wanted, for its owner's eyes only. It appears there whole or not at all, and never in place of
 * another one.
 */
export async function placeFile(from: string, { to, sha256, signal }: Placing): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  const part = `${to}.${randomBytes(4).toString('hex')}.part`
  const hash = createHash('sha256')
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    // A bundle holds a private key.
    await pipeline(createReadStream(from), count, createWriteStream(part, { mode: 0o600, flags: 'wx' }), {
      signal,
    })
    if (sha256 !== undefined && hash.digest('hex') !== sha256) {
      throw new ModuleError(`${from} was changed while it was copied`, {
        hint: 'wait until it is written to its end, and run the same command again',
      })
    }
    await link(part, to)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ModuleError) throw error
    throw new ModuleError(`${from} cannot be copied to ${to}: ${explainMissing(error)}`, { cause: error })
  } finally {
    await rm(part, { force: true })
  }
}
