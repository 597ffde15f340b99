import { CELL, cellRows } from './font.ts'
import { renderPng } from './png.ts'
import { SCREEN, type ScreenCells } from './vt.ts'

const WIDTH = SCREEN.columns * CELL.width
const HEIGHT = SCREEN.rows * CELL.height
/** Bytes of a line of pixels: the filter that PNG wants, which is none, and eight pixels a byte. */
const STRIDE = 1 + WIDTH / 8
const BLANK = 0x20
const FULL = 2 ** CELL.width - 1

// One canvas for all screens, since drawing never waits: dozens of machines are looked at many times a second.
const canvas = Buffer.alloc(STRIDE * HEIGHT)

/** How many cells of a row there are up to its last character. */
function usedColumns(characters: Uint8Array): number {
  let used = characters.length
  while (used > 0 && characters[used - 1] === BLANK) used -= 1
  return used
}

/** Draws one row of cells; `cursor` is the column of the cursor, or -1. */
function drawRow(
  characters: Uint8Array,
  { top, cursor }: { readonly top: number; readonly cursor: number },
): void {
  const glyphs: (readonly number[])[] = []
  const used = Math.max(usedColumns(characters), cursor + 1)
  for (let x = 0; x < used; x += 1) glyphs.push(cellRows(characters[x] ?? BLANK))
  for (let scan = 0; scan < CELL.height; scan += 1) {
    let at = (top + scan) * STRIDE + 1
    let pending = 0
    let count = 0
    for (let x = 0; x < used; x += 1) {
      const pixels = glyphs[x]?.[scan] ?? 0
      pending = (pending << CELL.width) | (x === cursor ? pixels ^ FULL : pixels)
      count += CELL.width
      while (count >= 8) {
        count -= 8
        canvas[at++] = pending >> count
      }
      pending &= (1 << count) - 1
    }
    if (count > 0) canvas[at] = pending << (8 - count)
  }
}

/** Draws the screen as VGA text mode shows it: grey on black, 720 × 400, the cursor a block over its cell. */
export function renderScreen({ codes, row, column }: ScreenCells): Buffer {
  canvas.fill(0)
  for (let y = 0; y < SCREEN.rows; y += 1) {
    const characters = codes.subarray(y * SCREEN.columns, (y + 1) * SCREEN.columns)
    drawRow(characters, { top: y * CELL.height, cursor: y === row ? column : -1 })
  }
  return renderPng({ width: WIDTH, height: HEIGHT, lines: canvas, paper: [0, 0, 0], ink: [170, 170, 170] })
}
