import { inflateSync } from 'node:zlib'

import { ConnectError } from '../../model/error.ts'

/** A decoded picture: rows of packed samples, with the colours that a palette gives them. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** Bits of one pixel, all its samples together. */
  readonly bits: number
  /** Bytes of one row in `rows`. */
  readonly stride: number
  readonly rows: Buffer
  /** How light the pixel at a place is, 0 to 255, and a number that tells its colour from every other. */
  colour(x: number, y: number): number
  lightness(colour: number): number
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const MAX_PIXELS = 2_000_000
const MAX_BYTES = 16 * 1024 * 1024

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

interface Header {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly type: number
}

function refuse(reason: string): ConnectError {
  return new ConnectError('protocol', `the picture of the screen cannot be read: ${reason}`)
}

function parseHeader(chunk: Buffer): Header {
  if (chunk.length !== 13) throw refuse('its header has the wrong length')
  const [width, height] = [chunk.readUInt32BE(0), chunk.readUInt32BE(4)]
  const [depth, type] = [chunk.readUInt8(8), chunk.readUInt8(9)]
  if (width === 0 || height === 0 || width * height > MAX_PIXELS)
    throw refuse(`it has ${width} × ${height} pixels`)
  const fits = type === 0 || type === 3 ? [1, 2, 4, 8].includes(depth) : depth === 8
  if (SAMPLES[type] === undefined || !fits) throw refuse(`colour type ${type} with ${depth} bits`)
  if (chunk.readUInt8(12) !== 0) throw refuse('it is interlaced')
  return { width, height, depth, type }
}

function* readChunks(file: Buffer): Generator<{ readonly name: string; readonly body: Buffer }> {
  let at = SIGNATURE.length
  while (at + 12 <= file.length) {
    const length = file.readUInt32BE(at)
    if (at + 12 + length > file.length) throw refuse('it ends early')
    yield { name: file.toString('latin1', at + 4, at + 8), body: file.subarray(at + 8, at + 8 + length) }
    at += 12 + length
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

/** Undoes the filters, in place of a copy: row `y` of the result starts at `y * stride`. */
function unfilter(
  raw: Buffer,
  { stride, height, step }: { stride: number; height: number; step: number },
): Buffer {
  const rows = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1)
    const to = y * stride
    const filter = raw.readUInt8(from)
    if (filter > 4) throw refuse(`row ${y} has the filter ${filter}`)
    raw.copy(rows, to, from + 1, from + 1 + stride)
    if (filter === 0) continue
    for (let x = 0; x < stride; x++) {
      const left = x >= step ? (rows[to + x - step] ?? 0) : 0
      const up = y > 0 ? (rows[to + x - stride] ?? 0) : 0
      const corner = x >= step && y > 0 ? (rows[to + x - stride - step] ?? 0) : 0
      const guess =
        filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
      rows[to + x] = ((rows[to + x] ?? 0) + guess) & 0xff
    }
  }
  return rows
}

function inflate(parts: readonly Buffer[], size: number): Buffer {
  try {
    const raw = inflateSync(Buffer.concat(parts), { maxOutputLength: size + 1 })
    if (raw.length === size) return raw
  } catch (cause) {
    throw new ConnectError('protocol', 'the picture of the screen cannot be read: it is damaged', { cause })
  }
  throw refuse('its rows are not as many as its header says')
}

const light = (red: number, green: number, blue: number): number => (red * 2 + green * 5 + blue) >> 3

/** Decodes a PNG of a screen. Bounded, and strict: what no virtual machine sends is refused with a `ConnectError`. */
export function parsePng(file: Buffer): Picture {
  if (file.length > MAX_BYTES || !file.subarray(0, 8).equals(SIGNATURE)) throw refuse('it is not a PNG')
  let header: Header | undefined
  let palette: Buffer = Buffer.alloc(0)
  const parts: Buffer[] = []
  for (const { name, body } of readChunks(file)) {
    if (name === 'IHDR') header = parseHeader(body)
    else if (name === 'PLTE') palette = body
    else if (name === 'IDAT') parts.push(body)
  }
  if (header === undefined) throw refuse('it has no header')
  const { width, height, depth, type } = header
  const bits = depth * (SAMPLES[type] ?? 1)
  const stride = Math.ceil((width * bits) / 8)
  const raw = inflate(parts, (stride + 1) * height)
  const rows = unfilter(raw, { stride, height, step: Math.max(1, bits >> 3) })
  const mask = (1 << depth) - 1

  function colour(x: number, y: number): number {
    if (bits < 8) {
      const bit = x * bits
      return ((rows[y * stride + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask
    }
    let value = 0
    // Opacity, the last sample of types 4 and 6, says nothing about what is shown.
    const samples = type === 4 ? 1 : type === 6 ? 3 : bits >> 3
    const at = y * stride + x * (bits >> 3)
    for (let sample = 0; sample < samples; sample++) value = (value << 8) | (rows[at + sample] ?? 0)
    return value
  }

  function lightness(value: number): number {
    if (type === 3) {
      const [red, green, blue] = [palette[value * 3], palette[value * 3 + 1], palette[value * 3 + 2]]
      return light(red ?? 0, green ?? 0, blue ?? 0)
    }
    if (type === 0 || type === 4) return Math.round((value * 255) / mask)
    return light((value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff)
  }

  return { width, height, bits, stride, rows, colour, lightness }
}
