import { inflateSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { cellRows } from '../../../../src/lab/appliance/terminal/font.ts'
import { renderScreen } from '../../../../src/lab/appliance/terminal/screen.ts'
import { createVt, SCREEN } from '../../../../src/lab/appliance/terminal/vt.ts'

/** The pixels of a one-bit PNG, read with nothing of ours. */
function decode(png: Buffer): {
  width: number
  height: number
  at: (x: number, y: number) => number
  colours: number[]
} {
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  let offset = 8
  const chunks = new Map<string, Buffer>()
  while (offset < png.length) {
    const length = png.readUInt32BE(offset)
    chunks.set(png.toString('latin1', offset + 4, offset + 8), png.subarray(offset + 8, offset + 8 + length))
    offset += length + 12
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(13)
  const width = header.readUInt32BE(0)
  const height = header.readUInt32BE(4)
  expect([...header.subarray(8, 13)]).toEqual([1, 3, 0, 0, 0])
  const lines = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))
  const stride = Math.ceil(width / 8) + 1
  expect(lines.length).toBe(stride * height)
  const at = (x: number, y: number): number => ((lines[y * stride + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1
  return { width, height, at, colours: [...(chunks.get('PLTE') ?? [])] }
}

test('every printable character has a shape of its own', () => {
  const shapes = new Map<string, string>()
  for (let code = 0x20; code <= 0x7e; code += 1) {
    const shape = cellRows(code).join()
    expect(shapes.get(shape), `${String.fromCharCode(code)} looks like`).toBeUndefined()
    shapes.set(shape, String.fromCharCode(code))
  }
  expect(cellRows(0x20).every((row) => row === 0)).toBe(true)
})

test('no glyph is a full block, which only the cursor is', () => {
  for (let code = 0x20; code <= 0x7e; code += 1)
    expect(cellRows(code).every((row) => row === 511)).toBe(false)
})

test('the picture is 720 by 400, grey on black, and shows each cell where it belongs', () => {
  const vt = createVt()
  vt.write('Ab\r\n  0O')
  const picture = decode(renderScreen(vt.cells()))
  expect([picture.width, picture.height]).toEqual([720, 400])
  expect(picture.colours).toEqual([0, 0, 0, 170, 170, 170])
  const cell = (row: number, column: number): number[] =>
    Array.from({ length: 16 }, (_, y) =>
      Array.from({ length: 9 }, (_, x) => picture.at(column * 9 + x, row * 16 + y)).reduce(
        (sum, bit) => sum * 2 + bit,
        0,
      ),
    )
  expect(cell(0, 0)).toEqual(cellRows('A'.charCodeAt(0)))
  expect(cell(0, 1)).toEqual(cellRows('b'.charCodeAt(0)))
  expect(cell(1, 3)).toEqual(cellRows('O'.charCodeAt(0)))
  expect(cell(1, 4)).toEqual(Array.from({ length: 16 }, () => 511))
  expect(cell(24, 79)).toEqual(Array.from({ length: 16 }, () => 0))
})

test('text that reaches the bottom scrolls, and the last column wraps only when something follows', () => {
  const vt = createVt()
  for (let line = 1; line <= 30; line += 1) vt.write(`line ${line}\r\n`)
  expect(vt.text().split('\n')[0]).toBe('line 7')
  expect(vt.cells().row).toBe(SCREEN.rows - 1)
  vt.write('\x1b[H\x1b[2J')
  vt.write('x'.repeat(80))
  expect(vt.cells()).toMatchObject({ row: 0, column: 79 })
  vt.write('y')
  expect(vt.text()).toBe(`${'x'.repeat(80)}\ny`)
})

test('backspace, tabs, bells and unknown escapes do what they do on a real screen', () => {
  const vt = createVt()
  vt.write('abc\b \b\tz\x07\x1b[31mred\x1b[0m\x1b[K\x1b(Bq')
  expect(vt.text()).toBe('ab      zredBq')
})

test('an escape sequence that never ends does not swallow the rest', () => {
  const vt = createVt()
  vt.write(`\x1b[${'1'.repeat(100)}shown`)
  expect(vt.text()).toContain('shown')
})
