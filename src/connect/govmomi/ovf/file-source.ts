import { open, type FileHandle } from 'node:fs/promises'

import { VimError } from '../error.ts'
import type { ByteRange, ByteSource } from './source.ts'

/** Bytes that are handed out at once: four times ten TLS records, which Node writes at once. Less costs more turns of JavaScript. */
const PIECE = 640 * 1024

/** Bytes that are read at once: each reading is a round trip to another thread. */
const READING = 2 * PIECE

async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled)
    if (bytesRead === 0) throw new VimError('archive', 'the image ends in the middle of a file')
    filled += bytesRead
  }
  return buffer
}

// Two buffers in turn: while one is on its way out, the next stretch is read into the other.
async function* readPieces(file: FileHandle, { offset, size }: ByteRange): AsyncGenerator<Buffer> {
  const end = offset + size
  const length = Math.min(READING, size)
  const buffers = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const
  let turn = 0
  const readFrom = (at: number): Promise<Buffer> => {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1]
    turn += 1
    return fill(file, buffer.subarray(0, Math.min(length, end - at)), at)
  }
  let ahead: Promise<Buffer> | undefined
  try {
    for (let at = offset; at < end; at += length) {
      const read = await (ahead ?? readFrom(at))
      ahead = at + length < end ? readFrom(at + length) : undefined
      // Who stops in the middle must not leave a rejection that nobody hears.
      ahead?.catch(() => undefined)
      for (let from = 0; from < read.length; from += PIECE) yield read.subarray(from, from + PIECE)
    }
  } finally {
    // The file is closed by whoever opened it, but not under a read that is still going on.
    await ahead?.catch(() => undefined)
  }
}

/** Opens a file to be read from any place on. Throws the file system's error. */
export async function openFileSource(path: string): Promise<ByteSource> {
  const file = await open(path)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new VimError('archive', `${path} is no file`)
    return {
      size: stats.size,
      read: ({ offset, size }) => fill(file, Buffer.allocUnsafe(size), offset),
      stream: (range) => readPieces(file, range),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}
