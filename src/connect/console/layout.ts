import { ConnectError } from '../../model/error.ts'
import type { Picture } from './png.ts'

/** The size of one character on the screen, in pixels. */
export interface CellSize {
  readonly width: number
  readonly height: number
}

/** How a screen is divided into cells. A graphics mode may leave a margin that no cell fits into. */
export interface Layout {
  readonly cell: CellSize
  /** Pixels left of the first column and above the first row. */
  readonly left: number
  readonly top: number
  readonly columns: number
  readonly rows: number
}

/** At least one way to divide a screen. */
export type Layouts = readonly [Layout, ...Layout[]]

// Nine pixels is what VGA’s text mode makes of its fonts, and nobody else: these sizes are made of them alone.
const TEXT_MODES = new Map<string, CellSize>([
  ['720x400', { width: 9, height: 16 }],
  ['720x350', { width: 9, height: 14 }],
])

// The fonts of text consoles in graphics modes, the usual ones first.
const FONTS: readonly (readonly [width: number, height: number])[] = [
  [8, 16],
  [8, 8],
  [8, 14],
  [9, 16],
  [10, 18],
  [10, 20],
  [12, 22],
  [12, 24],
  [16, 32],
]

/** Fewer than these are no console. */
const LEAST = { columns: 40, rows: 12 }

/** The ways to divide a picture of this size into cells, the likeliest first. Throws where there is none. */
export function listLayouts({ width, height }: Pick<Picture, 'width' | 'height'>): Layouts {
  const text = TEXT_MODES.get(`${width}x${height}`)
  const sizes = text === undefined ? FONTS.map(([w, h]) => ({ width: w, height: h })) : [text]
  const [first, ...others] = sizes.flatMap((cell) => placeCells(cell, { width, height }))
  if (first !== undefined) return [first, ...others]
  throw new ConnectError('protocol', `a screen of ${width} × ${height} pixels is no text console`, {
    hint: 'the machine may be in a graphics mode, or still in its firmware',
  })
}

/** Cells start in the corner, or stand in the middle with half the margin on each side. */
function placeCells(cell: CellSize, { width, height }: Pick<Picture, 'width' | 'height'>): readonly Layout[] {
  const [columns, rows] = [Math.floor(width / cell.width), Math.floor(height / cell.height)]
  if (columns < LEAST.columns || rows < LEAST.rows) return []
  const [beside, below] = [width % cell.width, height % cell.height]
  const corner = { cell, left: 0, top: 0, columns, rows }
  const centred = { ...corner, left: beside >> 1, top: below >> 1 }
  return centred.left === 0 && centred.top === 0 ? [corner] : [corner, centred]
}
