import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

import type { ConsolePort, Key } from '../../../src/connect/console/port.ts'

const COLUMNS = 80
const ROWS = 25
const CELL = { width: 9, height: 16 }

/** What a picture is written as. */
export type Form = 'grey1' | 'palette4' | 'rgb8' | 'rgba8-filtered'

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

function chunk(name: string, body: Buffer): Buffer {
  const out = Buffer.alloc(body.length + 12)
  out.writeUInt32BE(body.length, 0)
  out.write(name, 4, 'latin1')
  body.copy(out, 8)
  let crc = 0xffffffff
  for (const byte of out.subarray(4, 8 + body.length)) crc = (crcTable[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8)
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 8 + body.length)
  return out
}

/** Writes a PNG of pixels that are on or off. */
export function writePng(
  pixel: (x: number, y: number) => number,
  { width, height, form }: { width: number; height: number; form: Form },
): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const [depth, type, bits] = (
    { grey1: [1, 0, 1], palette4: [4, 3, 4], rgb8: [8, 2, 24], 'rgba8-filtered': [8, 6, 32] } as const
  )[form]
  header[8] = depth
  header[9] = type
  const stride = Math.ceil((width * bits) / 8)
  const plain: Buffer[] = []
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(stride)
    for (let x = 0; x < width; x++) {
      const on = pixel(x, y)
      if (bits === 1) row[x >> 3] = (row[x >> 3] ?? 0) | (on ? 0x80 >> (x & 7) : 0)
      else if (bits === 4) row[x >> 1] = (row[x >> 1] ?? 0) | ((on ? 7 : 2) << (x & 1 ? 0 : 4))
      else {
        const value = on ? 0xaa : 0
        for (let s = 0; s < bits / 8; s++) row[x * (bits / 8) + s] = s === 3 ? 255 : value
      }
    }
    plain.push(row)
  }
  const step = Math.max(1, bits >> 3)
  const rows = plain.map((row, y) => {
    const filter = form === 'rgba8-filtered' ? y % 5 : 0
    const up = plain[y - 1]
    const out = Buffer.alloc(stride + 1)
    out[0] = filter
    for (let x = 0; x < stride; x++) {
      const a = row[x - step] ?? 0
      const b = up?.[x] ?? 0
      const c = up?.[x - step] ?? 0
      const p = a + b - c
      const near = (v: number) => Math.abs(p - v)
      const paeth = near(a) <= near(b) && near(a) <= near(c) ? a : near(b) <= near(c) ? b : c
      const guess = [0, a, b, (a + b) >> 1, paeth][filter] ?? 0
      out[x + 1] = ((row[x] ?? 0) - guess) & 255
    }
    return out
  })
  const palette = Buffer.alloc(48)
  palette.fill(0xaa, 21, 24)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(type === 3 ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A font that no one has seen: every character’s picture follows from a hash. */
function glyphOf(character: string, font: string): (x: number, y: number) => number {
  if (character === ' ') return () => 0
  const bits = createHash('sha256').update(font).update(character).digest()
  return (x, y) => {
    if (x === 8 || y < 2 || y > 12) return 0
    const bit = (y - 2) * 8 + x
    return ((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1
  }
}

/** A program that runs on the screen’s terminal. */
export interface Session {
  print(text: string): void
  /** Reads a line; `undefined` for control-C or control-D. Given its prompt, it is read as FreeBSD's getty does. */
  read(options?: { echo?: boolean; getty?: string }): Promise<string | undefined>
}

export interface TextScreenOptions {
  form?: Form
  font?: string
  /** A cursor that blinks is lit in every other picture. */
  cursor?: 'block' | 'underline' | 'none' | 'blinking'
  /** Says of each batch of keys how many are taken, and may lose some of those. */
  keyboard?: (keys: readonly Key[]) => { taken: number; kept: readonly Key[] }
}

export interface TextScreen extends ConsolePort {
  type: NonNullable<ConsolePort['type']>
  text(): string
  /** What a kernel does: prints from outside. */
  interject(text: string): void
  readonly pictures: { count: number }
  readonly typed: string[]
}

const SHIFTED = ')!@#$%^&*('
const PUNCTUATION: Record<number, string> = {
  0x2c: '  ',
  0x2d: '-_',
  0x2e: '=+',
  0x2f: '[{',
  0x30: ']}',
  0x31: '\\|',
  0x33: ';:',
  0x34: '\'"',
  0x35: '`~',
  0x36: ',<',
  0x37: '.>',
  0x38: '/?',
}

function characterOf({ usage, shift, control }: Key): string {
  if (usage === 0x28) return '\n'
  if (usage >= 0x04 && usage <= 0x1d) {
    if (control) return String.fromCharCode(usage - 3)
    const letter = String.fromCharCode(97 + usage - 4)
    return shift ? letter.toUpperCase() : letter
  }
  if (usage >= 0x1e && usage <= 0x27) {
    const digit = (usage - 0x1d) % 10
    return shift ? (SHIFTED[digit] ?? '') : String(digit)
  }
  return PUNCTUATION[usage]?.[shift ? 1 : 0] ?? ''
}

/** An 80 × 25 text screen with a keyboard and a program behind it. */
export function createTextScreen(
  program: (session: Session) => Promise<void>,
  { form = 'grey1', font = 'f', cursor = 'block', keyboard }: TextScreenOptions = {},
): TextScreen {
  const cells = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => ' '))
  let row = 0
  let column = 0
  let line = ''
  let reading:
    | { echo: boolean; getty: string | undefined; done: (line: string | undefined) => void }
    | undefined
  const ahead: string[] = []
  const pictures = { count: 0 }
  const typed: string[] = []

  const glyphs = new Map<string, (x: number, y: number) => number>()
  const drawn = new Map<string, Uint8Array>()
  let last: { shown: string; picture: Buffer } | undefined

  /** The pixels of one row of text; rows mostly stay as they are. */
  function drawRow(text: string, cursorAt: number): Uint8Array {
    const key = `${cursorAt} ${text}`
    const known = drawn.get(key)
    if (known !== undefined) return known
    const width = COLUMNS * CELL.width
    const pixels = new Uint8Array(width * CELL.height)
    for (const [at, character] of Array.from(text).entries()) {
      const glyph = glyphs.get(character) ?? glyphOf(character, font)
      glyphs.set(character, glyph)
      for (let y = 0; y < CELL.height; y++) {
        for (let x = 0; x < CELL.width; x++) {
          const bit = glyph(x, y)
          const isCursor = at === cursorAt
          const inverted = cursor === 'block' ? 1 - bit : y >= 14 ? 1 : bit
          pixels[y * width + at * CELL.width + x] = isCursor ? inverted : bit
        }
      }
    }
    drawn.set(key, pixels)
    return pixels
  }

  function put(character: string): void {
    if (character === '\b') {
      if (column > 0) column -= 1
      else if (row > 0) {
        row -= 1
        column = COLUMNS - 1
      }
      return
    }
    if (character === '\r') {
      column = 0
    } else if (character === '\n') {
      column = 0
      row += 1
    } else {
      const cell = cells[row]
      if (cell !== undefined) cell[column] = character
      column += 1
      if (column === COLUMNS) {
        column = 0
        row += 1
      }
    }
    if (row === ROWS) {
      cells.shift()
      cells.push(Array.from({ length: COLUMNS }, () => ' '))
      row -= 1
    }
  }
  const print = (text: string): void => {
    for (const character of text) put(character)
  }
  const erase = (): void => {
    if (line === '') return
    line = line.slice(0, -1)
    if (reading?.echo !== false) print('\b \b')
  }

  function press(character: string): void {
    if (reading === undefined) {
      ahead.push(character)
      return
    }
    const { done, echo, getty } = reading
    if (character === '\n') {
      const whole = line
      line = ''
      reading = undefined
      print('\n')
      typed.push(whole)
      done(whole)
    } else if (character === '\u0003' || (character === '\u0004' && line === '')) {
      line = ''
      reading = undefined
      print('\n')
      done(undefined)
    } else if (character === '\u0015' && getty !== undefined) {
      print(`\r${line === '' ? '' : `${' '.repeat(37)}\r`}${getty}`)
      line = ''
    } else if (character === '\u0015') {
      for (let left = line.length; left > 0; left--) erase()
    } else if (character >= ' ') {
      line += character
      if (echo) print(character)
    }
  }

  const session: Session = {
    print,
    read: ({ echo = true, getty } = {}) =>
      new Promise((resolve) => {
        reading = { echo, getty, done: resolve }
        while (ahead.length > 0 && reading !== undefined) press(ahead.shift() ?? '')
      }),
  }
  void program(session)

  return {
    pictures,
    typed,
    interject: print,
    text: () =>
      cells
        .map((cell) => cell.join('').trimEnd())
        .join('\n')
        .trimEnd(),
    async screen() {
      pictures.count += 1
      const isLit = cursor !== 'none' && (cursor !== 'blinking' || pictures.count % 2 === 0)
      const shown = `${isLit} ${cells.map((cell) => cell.join('')).join('')}${row},${column}`
      if (last?.shown === shown) return last.picture
      const lines = cells.map((cell, at) => drawRow(cell.join(''), isLit && at === row ? column : -1))
      const width = COLUMNS * CELL.width
      const pixel = (x: number, y: number): number =>
        lines[(y / CELL.height) | 0]?.[(y % CELL.height) * width + x] ?? 0
      last = { shown, picture: writePng(pixel, { width, height: ROWS * CELL.height, form }) }
      return last.picture
    },
    async type(keys) {
      const { taken, kept } = keyboard?.(keys) ?? { taken: keys.length, kept: keys }
      for (const key of kept) press(characterOf(key))
      // A machine works while its keyboard rests.
      await new Promise((resolve) => setImmediate(resolve))
      return taken
    },
  }
}
