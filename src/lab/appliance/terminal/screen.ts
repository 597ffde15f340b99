import { CELL, cellRows } from './font.ts'
import { renderPng } from './png.ts'
import { SCREEN, type ScreenCells } from './vt.ts'

const WIDTH = SCREEN.columns * CELL.width
const HEIGHT = SCREEN.rows * CELL.height
const STRIDE = WIDTH / 8
const BLANK = 0x20
const FULL = 2 ** CELL.width - 1

/** Draws the screen as VGA text mode shows it: grey on black, 720 × 400, the cursor a block over its cell. */
export function renderScreen({ codes, row, column }: ScreenCells): Buffer {
  const bits = new Uint8Array(STRIDE * HEIGHT)
  for (let y = 0; y < SCREEN.rows; y += 1) {
    const characters = codes.subarray(y * SCREEN.columns, (y + 1) * SCREEN.columns)
    if (y !== row && characters.every((code) => code === BLANK)) continue
    const line = Array.from(characters, cellRows)
    for (let scan = 0; scan < CELL.height; scan += 1) {
      let at = (y * CELL.height + scan) * STRIDE
      let pending = 0
      let count = 0
      for (let x = 0; x < line.length; x += 1) {
        const pixels = line[x]?.[scan] ?? 0
        pending = (pending << CELL.width) | (y === row && x === column ? pixels ^ FULL : pixels)
        count += CELL.width
        while (count >= 8) {
          count -= 8
          bits[at++] = pending >> count
        }
        pending &= (1 << count) - 1
      }
    }
  }
  return renderPng({ width: WIDTH, height: HEIGHT, bits, paper: [0, 0, 0], ink: [170, 170, 170] })
}
