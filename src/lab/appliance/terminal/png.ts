import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

function chunk(type: string, body: Uint8Array): Buffer {
  const out = Buffer.alloc(body.length + 12)
  out.writeUInt32BE(body.length, 0)
  out.write(type, 4, 'latin1')
  out.set(body, 8)
  out.writeUInt32BE(crc32(out.subarray(4, body.length + 8)), body.length + 8)
  return out
}

/** A picture of two colours. */
export interface Bitmap {
  readonly width: number
  readonly height: number
  /** PNG’s own lines: a byte 0 for “no filter”, then one bit a pixel, padded to bytes; a set bit is `ink`. */
  readonly lines: Uint8Array
  /** Red, green and blue of paper and ink. */
  readonly paper: readonly [number, number, number]
  readonly ink: readonly [number, number, number]
}

// Most of a text screen is empty: it shrinks to a kilobyte or two, for which zlib’s pieces of 16 KiB are too large.
const DEFLATE = { level: 1, chunkSize: 4096 }

/** Encodes a bitmap as a palette PNG of one bit a pixel. */
export function renderPng({ width, height, lines, paper, ink }: Bitmap): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  header[9] = 3
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.from([...paper, ...ink])),
    chunk('IDAT', deflateSync(lines, DEFLATE)),
    chunk('IEND', new Uint8Array(0)),
  ])
}
