import type { Clock } from '../../model/clock.ts'
import { cutCells, type CellGrid, type CellSize, type Shape } from './cells.ts'
import type { GlyphBook } from './glyph-book.ts'
import { parsePng } from './png.ts'
import type { ConsolePort } from './port.ts'

/** What a screen shows at one moment. Two moments with the same picture are the same object. */
export interface Screen {
  readonly grid: CellGrid
  /** Every row over its whole width. */
  readonly rows: readonly string[]
  /** Where the cursor is; nothing where none is shown. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined
}

/** How long is looked on. */
export interface LookOptions {
  /** Milliseconds after which it is given up. */
  readonly quiet: number
  /** Milliseconds before the first look. Default 150. */
  readonly first?: number
  readonly signal: AbortSignal
}

/** Reads a machine’s screen. */
export interface ScreenReader {
  /** Takes a picture and reads it. */
  look(signal: AbortSignal): Promise<Screen>
  /**
   * Looks again and again, ever more slowly, until the screen differs from `from` or `quiet` milliseconds are over. Waits
   * before it looks, because `from` is what the caller has only just seen.
   */
  lookPast(from: Screen, options: LookOptions): Promise<Screen>
}

const FIRST_DELAY = 150
const LAST_DELAY = 3000

interface RowReading {
  readonly text: string
  /** The column of the cursor. */
  readonly cursor: number | undefined
}

function readRow(shapes: readonly Shape[], book: GlyphBook): RowReading {
  let cursor: number | undefined
  const text = shapes
    .map((shape, column) => {
      const reading = book.read(shape)
      if (reading.cursor) cursor = column
      return reading.character
    })
    .join('')
  return { text, cursor }
}

/** Makes a function that reads grids; a row that it has read in this edition of the book is not read again. */
function createGridReader(book: GlyphBook): (grid: CellGrid) => Screen {
  let known = new WeakMap<readonly Shape[], RowReading>()
  let edition = book.edition()

  function read(shapes: readonly Shape[]): RowReading {
    const earlier = known.get(shapes)
    if (earlier !== undefined) return earlier
    const reading = readRow(shapes, book)
    known.set(shapes, reading)
    return reading
  }

  return (grid) => {
    if (edition !== book.edition()) known = new WeakMap()
    edition = book.edition()
    const readings = grid.rows.map(read)
    const row = readings.findLastIndex(({ cursor }) => cursor !== undefined)
    const column = readings[row]?.cursor
    return {
      grid,
      rows: readings.map(({ text }) => text),
      cursor: column === undefined ? undefined : { row, column },
    }
  }
}

/** Makes a reader of one machine’s screen. */
export function createScreenReader(
  port: ConsolePort,
  { book, cell, clock }: { readonly book: GlyphBook; readonly cell: CellSize; readonly clock: Clock },
): ScreenReader {
  const readGrid = createGridReader(book)
  let last: { readonly file: Buffer; screen: Screen; readonly edition: number } | undefined

  async function look(signal: AbortSignal): Promise<Screen> {
    const file = await port.screen(signal)
    const edition = book.edition()
    if (last?.edition === edition && last.file.equals(file)) return last.screen
    const grid = cutCells(parsePng(file), cell, last?.screen.grid)
    const same = last?.edition === edition && grid.rows.every((row, at) => row === last?.screen.grid.rows[at])
    const screen = same && last !== undefined ? last.screen : readGrid(grid)
    last = { file, screen, edition }
    return screen
  }

  return {
    look,
    async lookPast(from, { quiet, first = FIRST_DELAY, signal }) {
      let delay = first
      for (
        let left = quiet;
        left > 0;
        left -= delay, delay = Math.max(first, Math.min(delay * 1.6, LAST_DELAY))
      ) {
        await clock.sleep(Math.min(delay, left), { signal })
        const screen = await look(signal)
        if (screen !== from) return screen
      }
      return from
    },
  }
}

/** The row the cursor is in: where it is shown, or else the last row that holds anything. */
export function cursorRow(screen: Screen): number {
  if (screen.cursor !== undefined) return screen.cursor.row
  return Math.max(
    0,
    screen.rows.findLastIndex((row) => row.trim() !== ''),
  )
}

/** The line the machine stopped at: the cursor’s row, up to the cursor. */
export function promptOf(screen: Screen): string {
  const row = screen.rows[cursorRow(screen)] ?? ''
  return screen.cursor === undefined ? row.trimEnd() : row.slice(0, screen.cursor.column)
}

/** Everything up to the cursor as one text without line breaks, every row over its whole width: wrapped lines join. */
export function joinedText(screen: Screen): string {
  return screen.rows.slice(0, cursorRow(screen)).join('') + promptOf(screen)
}
