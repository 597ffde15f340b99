import { deflateSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { cutCells } from '../../../src/connect/console/cells.ts'
import { listLayouts } from '../../../src/connect/console/layout.ts'
import { parsePng } from '../../../src/connect/console/png.ts'
import { writePng, type Form } from './text-screen.ts'

const size = { width: 18, height: 16 }
const layoutOf = ({ height }: { height: number }) => ({
  cell: { width: 9, height: 16 },
  left: 0,
  top: 0,
  columns: 2,
  rows: height / 16,
})
const layout = layoutOf(size)
const diagonal = (x: number, y: number): number => (x === y ? 1 : 0)

describe('a picture', () => {
  test.each(['grey1', 'palette4', 'rgb8', 'rgba8-filtered'] satisfies Form[])(
    'gives the same shapes as %s',
    (form) => {
      const [cells] = cutCells(parsePng(writePng(diagonal, { ...size, form })), layout).rows
      const [plain] = cutCells(parsePng(writePng(diagonal, { ...size, form: 'grey1' })), layout).rows
      expect(cells).toEqual(plain)
      expect(cells?.[0]).toHaveLength(17)
    },
  )

  test('gives rows that the picture before it had, wherever they stood there', () => {
    const tall = { width: 18, height: 48, form: 'grey1' } as const
    const scrolled = (lines: number) => (x: number, y: number) => (x === (y + lines * 16) % 17 ? 1 : 0)
    const before = cutCells(parsePng(writePng(scrolled(0), tall)), layoutOf(tall))
    const after = cutCells(parsePng(writePng(scrolled(1), tall)), layoutOf(tall), before)
    expect(after.rows).toEqual(cutCells(parsePng(writePng(scrolled(1), tall)), layoutOf(tall)).rows)
    expect(after.rows[0]).toBe(before.rows[1])
    expect(after.rows[1]).toBe(before.rows[2])
  })

  test('is read anew where the picture before it had its bytes in another form', () => {
    const before = cutCells(parsePng(writePng(diagonal, { ...size, form: 'palette4' })), layout)
    const after = cutCells(parsePng(writePng(diagonal, { ...size, form: 'grey1' })), layout, before)
    expect(after.rows).toEqual(before.rows)
    expect(after.rows[0]).not.toBe(before.rows[0])
  })

  test.each([
    [720, 400, ['9x16 80x25 at 0,0']],
    [640, 480, ['8x16 80x30 at 0,0', '8x8 80x60 at 0,0']],
    [800, 600, ['8x16 100x37 at 0,0', '8x16 100x37 at 0,4']],
    [1024, 768, ['8x16 128x48 at 0,0', '8x8 128x96 at 0,0']],
  ])('of %i × %i pixels can be divided into cells', (width, height, first) => {
    const layouts = listLayouts({ width, height }).map(
      ({ cell, columns, rows, left, top }) =>
        `${cell.width}x${cell.height} ${columns}x${rows} at ${left},${top}`,
    )
    expect(layouts.slice(0, first.length)).toEqual(first)
  })

  test('is refused where no console has its size', () => {
    expect(() => listLayouts({ width: 200, height: 160 })).toThrow(/200 × 160 pixels is no text console/)
  })

  const good = writePng(diagonal, { ...size, form: 'grey1' })
  const altered = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(good)
    change(bytes)
    return bytes
  }

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['another kind of file', Buffer.from('GIF89a')],
    ['a picture that is cut off', good.subarray(0, 60)],
    ['a header that promises too many pixels', altered((bytes) => bytes.writeUInt32BE(60_000, 16))],
    ['a header of no pixels', altered((bytes) => bytes.writeUInt32BE(0, 16))],
    ['rows that are fewer than promised', altered((bytes) => bytes.writeUInt32BE(32, 20))],
    ['rows that are more than promised', altered((bytes) => bytes.writeUInt32BE(8, 20))],
    ['an interlaced picture', altered((bytes) => bytes.writeUInt8(1, 28))],
    ['sixteen bits', altered((bytes) => bytes.writeUInt8(16, 24))],
    ['an unknown colour type', altered((bytes) => bytes.writeUInt8(5, 25))],
    ['a chunk that is longer than the file', altered((bytes) => bytes.writeUInt32BE(0x7fffffff, 33))],
  ])('is refused where it is %s', (_, file) => {
    expect(() => parsePng(file)).toThrow(/cannot be read/)
  })

  test('is refused where it inflates without end', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000))
    const chunk = Buffer.alloc(bomb.length + 12)
    chunk.writeUInt32BE(bomb.length, 0)
    chunk.write('IDAT', 4, 'latin1')
    bomb.copy(chunk, 8)
    expect(() => parsePng(Buffer.concat([good.subarray(0, 33), chunk]))).toThrow(/damaged/)
  })
})
