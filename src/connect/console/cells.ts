import { ConnectError } from '../../model/error.ts'
import type { Picture } from './png.ts'

/** The size of one character on the screen, in pixels. */
export interface CellSize {
  readonly width: number
  readonly height: number
}

/** The cell of VGA text with its nine-pixel font. */
export const VGA_CELL: CellSize = { width: 9, height: 16 }

/**
 * The shape of what stands in a cell, as text that can be compared: one bit a pixel, set where it has the lighter of the
 * cell’s two colours. `BLANK` where all is dark, `SOLID` where all is light, `MIXED` where there are more colours.
 */
export type Shape = string

export const BLANK: Shape = 'blank'
export const SOLID: Shape = 'solid'
export const MIXED: Shape = 'mixed'

/** Whether a shape is made of pixels. */
export function isGlyph(shape: Shape): boolean {
  return shape !== BLANK && shape !== SOLID && shape !== MIXED
}

/** The shape with light and dark exchanged. */
export function invertShape(shape: Shape): Shape {
  if (shape === BLANK) return SOLID
  if (shape === SOLID) return BLANK
  if (shape === MIXED) return MIXED
  let inverted = ''
  for (let at = 0; at < shape.length; at++) inverted += String.fromCharCode(~shape.charCodeAt(at) & 0xffff)
  return inverted
}

// What is lighter than this counts as light where a cell has one colour only.
const LIGHT = 64

/** The colours of one row of cells, a scan line after the other. */
interface Strip {
  readonly colours: Int32Array
  readonly width: number
  readonly cell: CellSize
  /** Room for the lines of one shape. */
  readonly lines: number[]
  readonly lightness: Picture['lightness']
}

function shapeAt(strip: Strip, column: number): Shape {
  const { colours, width, cell, lightness } = strip
  const left = column * cell.width
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
  return String.fromCharCode(...lines)
}

/** The cells of a screen, by row, and the picture they were cut from. */
export interface CellGrid {
  readonly rows: readonly (readonly Shape[])[]
  readonly picture: Picture
}

/** Finds the rows of cells that an earlier picture had too. */
function createRecall(picture: Picture, size: number, earlier: CellGrid | undefined) {
  if (earlier?.picture.format !== picture.format) return () => undefined
  const { rows, picture: before } = earlier
  const isSame = (row: number, then: number): boolean =>
    rows[then] !== undefined &&
    picture.rows.compare(before.rows, then * size, (then + 1) * size, row * size, (row + 1) * size) === 0
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

/**
 * Cuts a picture into cells. A row of which `earlier`, the picture before, had the very pixels is taken from there, wherever
 * it stood: a screen changes a row at a time, or scrolls.
 */
export function cutCells(picture: Picture, cell: CellSize, earlier?: CellGrid): CellGrid {
  const { width, height } = picture
  if (cell.width > 16 || width % cell.width !== 0 || height % cell.height !== 0) {
    throw new ConnectError(
      'protocol',
      `the screen of ${width} × ${height} pixels is not made of ${cell.width} × ${cell.height} cells`,
      { hint: 'the machine may be in a graphics mode, or still in its firmware' },
    )
  }
  const recall = createRecall(picture, picture.stride * cell.height, earlier)
  const colours = new Int32Array(width * cell.height)
  const strip = { colours, width, cell, lines: [], lightness: (colour: number) => picture.lightness(colour) }
  const rows = Array.from({ length: height / cell.height }, (_, row) => {
    const known = recall(row)
    if (known !== undefined) return known
    for (let y = 0; y < cell.height; y++)
      picture.readColours(row * cell.height + y, colours.subarray(y * width, (y + 1) * width))
    return Array.from({ length: width / cell.width }, (__, column) => shapeAt(strip, column))
  })
  return { rows, picture }
}
