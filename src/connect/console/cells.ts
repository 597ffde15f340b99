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

interface Place {
  readonly x: number
  readonly y: number
}

function shapeAt(picture: Picture, { x, y }: Place, cell: CellSize): Shape {
  const first = picture.colour(x, y)
  let second = first
  for (let dy = 0; dy < cell.height; dy++) {
    for (let dx = 0; dx < cell.width; dx++) {
      const colour = picture.colour(x + dx, y + dy)
      if (colour === first || colour === second) continue
      if (second !== first) return MIXED
      second = colour
    }
  }
  if (second === first) return picture.lightness(first) >= LIGHT ? SOLID : BLANK
  const lighter = picture.lightness(first) > picture.lightness(second) ? first : second
  let shape = ''
  for (let dy = 0; dy < cell.height; dy++) {
    let row = 0
    for (let dx = 0; dx < cell.width; dx++)
      row = (row << 1) | (picture.colour(x + dx, y + dy) === lighter ? 1 : 0)
    shape += String.fromCharCode(row << (16 - cell.width))
  }
  return shape
}

/** The cells of a screen, by row. */
export interface CellGrid {
  readonly rows: readonly (readonly Shape[])[]
  /** The pixels of each row, as text that can be compared. */
  readonly pixels: readonly string[]
}

/**
 * Cuts a picture into cells. A row of which `earlier`, the picture before, had the very pixels is taken from there, wherever
 * it stood: a screen changes a row at a time, or scrolls.
 */
export function cutCells(picture: Picture, cell: CellSize, earlier?: CellGrid): CellGrid {
  if (cell.width > 16 || picture.width % cell.width !== 0 || picture.height % cell.height !== 0) {
    throw new ConnectError(
      'protocol',
      `the screen of ${picture.width} × ${picture.height} pixels is not made of ${cell.width} × ${cell.height} cells`,
      { hint: 'the machine may be in a graphics mode, or still in its firmware' },
    )
  }
  const columns = picture.width / cell.width
  const size = picture.stride * cell.height
  const known = new Map(earlier?.pixels.map((pixels, row) => [pixels, earlier.rows[row]]))
  const pixels: string[] = []
  const rows = Array.from({ length: picture.height / cell.height }, (_, row) => {
    const key = picture.rows.toString('latin1', row * size, (row + 1) * size)
    pixels.push(key)
    const shapes =
      known.get(key) ??
      Array.from({ length: columns }, (_, column) =>
        shapeAt(picture, { x: column * cell.width, y: row * cell.height }, cell),
      )
    known.set(key, shapes)
    return shapes
  })
  return { rows, pixels }
}
