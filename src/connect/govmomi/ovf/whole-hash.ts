import { createHash } from 'node:crypto'

import { VimError } from '../error.ts'
import type { ByteRange, ByteSource } from './source.ts'

/** A source that hashes itself while it is read. */
export interface HashedSource extends ByteSource {
  /** Reads what nobody has read yet. Throws a `VimError` where the whole is not what it has to be. */
  finish(signal: AbortSignal): Promise<void>
}

/** A stretch between what was read and what is read next that is worth reading, too, because it would be read at the end. */
const GAP = 16 * 1024 * 1024

/**
 * Has a source hash itself along the way: an image is read nearly in order, so that what passes by needs to be fetched only
 * once to know whether the whole has this SHA-256.
 */
export function hashAlong(source: ByteSource, sha256: string): HashedSource {
  const hash = createHash('sha256')
  let hashed = 0

  function feed(offset: number, piece: Buffer): void {
    if (offset > hashed || offset + piece.length <= hashed) return
    hash.update(piece.subarray(hashed - offset))
    hashed = offset + piece.length
  }

  async function* stream(
    range: ByteRange,
    options?: { readonly signal?: AbortSignal },
  ): AsyncGenerator<Buffer> {
    const gap = range.offset - hashed
    if (gap > 0 && gap <= GAP) feed(hashed, await source.read({ offset: hashed, size: gap }, options))
    let at = range.offset
    for await (const piece of source.stream(range, options)) {
      feed(at, piece)
      at += piece.length
      yield piece
    }
  }

  return {
    size: source.size,
    async read(range, options) {
      const bytes = await source.read(range, options)
      feed(range.offset, bytes)
      return bytes
    },
    stream,
    async finish(signal) {
      for await (const piece of source.stream({ offset: hashed, size: source.size - hashed }, { signal })) {
        feed(hashed, piece)
      }
      const found = hash.digest('hex')
      if (found === sha256.toLowerCase()) return
      throw new VimError('archive', `the image has the SHA-256 ${found}, not ${sha256.toLowerCase()}`, {
        hint: 'it is another image than the one that was wanted, or it was damaged on its way',
      })
    },
    close: () => source.close(),
  }
}
