import { GLYPHS } from './glyphs.ts'

/** Pixels of a character cell; 80 × 25 of them make the 720 × 400 of VGA text. */
export const CELL = { width: 9, height: 16 } as const

/** How many pixels each drawn column takes: thick outer stems, one empty column to the next cell. */
const COLUMN_WIDTHS = [2, 1, 2, 1, 2]
const ROW_HEIGHTS = [1, 2, 1, 2, 1, 2, 1, 2, 1]
const TOP = 2

const FIRST = 0x20

/** Pixel rows of a cell as 9-bit numbers, the leftmost pixel in the highest bit. */
type CellRows = readonly number[]

function stretch(glyph: readonly string[]): CellRows {
  const rows: number[] = Array.from({ length: CELL.height }, () => 0)
  let y = TOP
  glyph.forEach((line, index) => {
    let bits = ''
    COLUMN_WIDTHS.forEach((width, column) => {
      bits += (line[column] === '#' ? '1' : '0').repeat(width)
    })
    const value = Number.parseInt(bits.padEnd(CELL.width, '0'), 2)
    for (let copy = 0; copy < (ROW_HEIGHTS[index] ?? 1); copy += 1) rows[y++] = value
  })
  return rows
}

const CELLS: readonly CellRows[] = GLYPHS.map(stretch)
const BLANK: CellRows = stretch([])

/** The pixel rows of a character’s cell; what is not printable ASCII is blank. */
export function cellRows(code: number): readonly number[] {
  return CELLS[code - FIRST] ?? BLANK
}
