import { inflateSync } from 'node:zlib'

import { ConnectError } from '../../model/error.ts'

/** A decoded picture: rows of packed samples, with the colours that a palette gives them. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** Bytes of one row in `rows`. */
  readonly stride: number
  readonly rows: Buffer
  /** Equal for pictures in which the same bytes show the same. */
  readonly format: string
  /** Writes a number for each pixel of a row that tells its colour from every other. */
  readColours(y: number, into: Int32Array): void
  /** How light a colour is, 0 to 255. */
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

interface Row {
  /** Where it starts. */
  readonly to: number
  readonly stride: number
}

function addLeft(rows: Buffer, { to, stride, step }: Row & { readonly step: number }): void {
  for (let at = to + step; at < to + stride; at++)
    rows[at] = (rows[at] as number) + (rows[at - step] as number)
}

function addUp(rows: Buffer, { to, stride }: Row): void {
  for (let at = to; at < to + stride; at++) rows[at] = (rows[at] as number) + (rows[at - stride] as number)
}

function addGuess(
  rows: Buffer,
  {
    to,
    stride,
    step,
    filter,
    isFirst,
  }: Row & { readonly step: number; readonly filter: number; readonly isFirst: boolean },
): void {
  for (let x = 0; x < stride; x++) {
    const at = to + x
    const left = x >= step ? (rows[at - step] as number) : 0
    const up = isFirst ? 0 : (rows[at - stride] as number)
    const corner = x >= step && !isFirst ? (rows[at - stride - step] as number) : 0
    const guess = filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
    rows[at] = (rows[at] as number) + guess
  }
}

/**
 * Undoes the filters within the buffer itself, where every row moves ahead by the filter bytes before it: row `y` of the
 * result starts at `y * stride`.
 */
function unfilter(
  rows: Buffer,
  { stride, height, step }: { stride: number; height: number; step: number },
): Buffer {
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1)
    const to = y * stride
    const filter = rows.readUInt8(from)
    if (filter > 4) throw refuse(`row ${y} has the filter ${filter}`)
    rows.copyWithin(to, from + 1, from + 1 + stride)
    // A screenshot has a million bytes and is taken hundreds of times: each filter has a loop of its own.
    if (filter === 1) addLeft(rows, { to, stride, step })
    else if (filter === 2 && y > 0) addUp(rows, { to, stride })
    else if (filter >= 3) addGuess(rows, { to, stride, step, filter, isFirst: y === 0 })
  }
  return rows.subarray(0, stride * height)
}

function inflate(parts: readonly Buffer[], size: number): Buffer {
  try {
    const file = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
    // One piece of the right size, or else zlib gathers pieces of 16 KiB and joins them.
    const raw = inflateSync(file, { maxOutputLength: size + 1, chunkSize: Math.max(64, size + 1) })
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
  let format = ''
  let palette: Buffer = Buffer.alloc(0)
  const parts: Buffer[] = []
  for (const { name, body } of readChunks(file)) {
    if (name === 'IHDR' || name === 'PLTE') format += body.toString('latin1')
    if (name === 'IHDR') header = parseHeader(body)
    else if (name === 'PLTE') palette = body
    else if (name === 'IDAT') parts.push(body)
  }
  if (header === undefined) throw refuse('it has no header')
  const { width, height, depth, type } = header
  const bits = depth * (SAMPLES[type] ?? 1)
  const stride = Math.ceil((width * bits) / 8)
  const raw = inflate(parts, (stride + 1) * height)
  const step = Math.max(1, bits >> 3)
  const rows = unfilter(raw, { stride, height, step })
  const mask = (1 << depth) - 1
  // Opacity, the last sample of types 4 and 6, says nothing about what is shown.
  const samples = type === 4 ? 1 : type === 6 ? 3 : step

  function readColours(y: number, into: Int32Array): void {
    const start = y * stride
    if (bits < 8) {
      for (let x = 0, bit = 0; x < width; x++, bit += bits)
        into[x] = ((rows[start + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask
      return
    }
    for (let x = 0, at = start; x < width; x++, at += step) {
      let value = 0
      for (let sample = 0; sample < samples; sample++) value = (value << 8) | (rows[at + sample] ?? 0)
      into[x] = value
    }
  }

  function lightness(value: number): number {
    if (type === 3) {
      const [red, green, blue] = [palette[value * 3], palette[value * 3 + 1], palette[value * 3 + 2]]
      return light(red ?? 0, green ?? 0, blue ?? 0)
    }
    if (type === 0 || type === 4) return Math.round((value * 255) / mask)
    return light((value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff)
  }

  return { width, height, stride, rows, format, readColours, lightness }
}
