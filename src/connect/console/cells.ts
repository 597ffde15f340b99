import type { CellSize, Layout } from './layout.ts'
import type { Picture } from './png.ts'

/**
 * The shape of what stands in a cell, as text that can be compared: the width of the cell, then one bit a pixel, set where it
 * has the lighter of the cell’s two colours. `BLANK` where all is dark, `SOLID` where all is light, `MIXED` where there are
 * more colours.
 */
export type Shape = string

export const BLANK: Shape = 'blank'
export const SOLID: Shape = 'solid'
export const MIXED: Shape = 'mixed'

/** Whether a shape is made of pixels. */
export function isGlyph(shape: Shape): boolean {
  return shape !== BLANK && shape !== SOLID && shape !== MIXED
}

/** The lines of a shape that is made of pixels, as numbers whose highest of 16 bits is the leftmost pixel. */
function linesOf(shape: Shape): readonly number[] {
  return Array.from({ length: shape.length - 1 }, (_, at) => shape.charCodeAt(at + 1))
}

/** A line that is lit from edge to edge, in the cell that a shape was cut from. */
const fullLine = (shape: Shape): number => (0xffff << (16 - shape.charCodeAt(0))) & 0xffff

function toShape(width: number, lines: readonly number[]): Shape {
  return String.fromCharCode(width, ...lines)
}

/** The shape with light and dark exchanged. */
export function invertShape(shape: Shape): Shape {
  if (shape === BLANK) return SOLID
  if (shape === SOLID) return BLANK
  if (shape === MIXED) return MIXED
  const full = fullLine(shape)
  return toShape(
    shape.charCodeAt(0),
    linesOf(shape).map((line) => line ^ full),
  )
}

/** The shape with all that is light in another one added. Nothing where they are not of one size. */
export function overlayShapes(one: Shape, other: Shape): Shape | undefined {
  if (!isGlyph(one) || !isGlyph(other)) return undefined
  if (one.length !== other.length || one.charCodeAt(0) !== other.charCodeAt(0)) return undefined
  const added = linesOf(other)
  return toShape(
    one.charCodeAt(0),
    linesOf(one).map((line, at) => line | (added[at] ?? 0)),
  )
}

/**
 * Whether two shapes of one cell differ by a cursor alone: some lines are lit or turned round from edge to edge in one of
 * them, and the others are the same.
 */
export function differsByCursor(one: Shape, other: Shape): boolean {
  if (one === MIXED || other === MIXED || one === other) return false
  if (!isGlyph(one) && !isGlyph(other)) return true
  const size = isGlyph(one) ? one : other
  if (isGlyph(one) && isGlyph(other) && one.length !== other.length) return false
  const full = fullLine(size)
  const spread = (shape: Shape): readonly number[] =>
    isGlyph(shape) ? linesOf(shape) : Array.from(size.slice(1), () => (shape === SOLID ? full : 0))
  const then = spread(other)
  return spread(one).every((line, at) => {
    const now = then[at] ?? 0
    return line === now || line === full || now === full || (line ^ now) === full
  })
}

// What is lighter than this counts as light where a cell has one colour only.
const LIGHT = 64

/** The colours of one row of cells, a scan line after the other. */
interface Strip {
  readonly colours: Int32Array
  readonly width: number
  /** Pixels before the first cell. */
  readonly left: number
  readonly cell: CellSize
  /** Room for the lines of one shape. */
  readonly lines: number[]
  readonly lightness: Picture['lightness']
}

function shapeAt(strip: Strip, column: number): Shape {
  const { colours, width, cell, lightness } = strip
  const left = strip.left + column * cell.width
  const first = colours[left] ?? 0
  let second = first
  for (let y = 0; y < cell.height; y++) {
    const start = y * width + left
    for (let at = start; at < start + cell.width; at++) {
      const colour = colours[at] ?? 0
      if (colour === first || colour === second) continue
      if (second !== first) return MIXED
      second = colour
    }
  }
  if (second === first) return lightness(first) >= LIGHT ? SOLID : BLANK
  const lighter = lightness(first) > lightness(second) ? first : second
  const lines = strip.lines
  for (let y = 0; y < cell.height; y++) {
    const start = y * width + left
    let line = 0
    for (let at = start; at < start + cell.width; at++) line = (line << 1) | (colours[at] === lighter ? 1 : 0)
    lines[y] = line << (16 - cell.width)
  }
  return toShape(cell.width, lines)
}

/** The cells of a screen, by row, and the picture they were cut from. */
export interface CellGrid {
  readonly rows: readonly (readonly Shape[])[]
  readonly picture: Picture
  readonly layout: Layout
}

/** Finds the rows of cells that an earlier picture had too. */
function createRecall(picture: Picture, layout: Layout, earlier: CellGrid | undefined) {
  if (earlier?.picture.format !== picture.format || !isSameLayout(earlier.layout, layout))
    return () => undefined
  const { rows, picture: before } = earlier
  const size = picture.stride * layout.cell.height
  const startOf = (row: number): number => layout.top * picture.stride + row * size
  const isSame = (row: number, then: number): boolean => {
    const [start, from] = [startOf(row), startOf(then)]
    return (
      rows[then] !== undefined &&
      picture.rows.compare(before.rows, from, from + size, start, start + size) === 0
    )
  }
  let shift = 0
  return (row: number): readonly Shape[] | undefined => {
    // Most rows stand where they stood, or have moved as far as the one before.
    if (!isSame(row, row + shift)) {
      const then = rows.findIndex((_, at) => isSame(row, at))
      if (then < 0) return undefined
      shift = then - row
    }
    return rows[row + shift]
  }
}

function isSameLayout(one: Layout, other: Layout): boolean {
  const { cell, left, top } = one
  return (
    cell.width === other.cell.width &&
    cell.height === other.cell.height &&
    left === other.left &&
    top === other.top
  )
}

/** Makes a function that cuts one row of cells out of a picture. */
function createRowCutter(picture: Picture, { cell, left, top, columns }: Layout) {
  const { width } = picture
  const colours = new Int32Array(width * cell.height)
  const lightness = (colour: number): number => picture.lightness(colour)
  const strip = { colours, width, left, cell, lines: [], lightness }
  return (row: number): readonly Shape[] => {
    for (let y = 0; y < cell.height; y++)
      picture.readColours(top + row * cell.height + y, colours.subarray(y * width, (y + 1) * width))
    return Array.from({ length: columns }, (_, column) => shapeAt(strip, column))
  }
}

/**
 * Cuts a picture into cells. A row of which `earlier`, the picture before, had the very pixels is taken from there, wherever
 * it stood: a screen changes a row at a time, or scrolls.
 */
export function cutCells(picture: Picture, layout: Layout, earlier?: CellGrid): CellGrid {
  const recall = createRecall(picture, layout, earlier)
  const cut = createRowCutter(picture, layout)
  const rows = Array.from({ length: layout.rows }, (_, row) => recall(row) ?? cut(row))
  return { rows, picture, layout }
}

/** Cuts the lowest row that holds anything, and the one above it: all it takes to tell whether cells fit. */
export function cutLastRows(picture: Picture, layout: Layout): Pick<CellGrid, 'rows'> {
  const { height, stride, rows } = picture
  const lineAt = (y: number): Buffer => rows.subarray(y * stride, (y + 1) * stride)
  const background = lineAt(height - 1)
  let y = height - 1
  while (y > 0 && lineAt(y).equals(background)) y -= 1
  const last = Math.min(layout.rows - 1, Math.max(0, Math.floor((y - layout.top) / layout.cell.height)))
  const cut = createRowCutter(picture, layout)
  return { rows: (last === 0 ? [0] : [last - 1, last]).map((row) => cut(row)) }
}
