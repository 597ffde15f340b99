import type { Clock } from '../../model/clock.ts'
import { BLANK, cutCells, cutLastRows, differsByCursor, isGlyph, type CellGrid, type Shape } from './cells.ts'
import { findLoginPrompt } from './find-login-prompt.ts'
import { UNREADABLE, type GlyphBook, type Reading } from './glyph-book.ts'
import { listLayouts, type Layout, type Layouts } from './layout.ts'
import { parsePng, type Picture } from './png.ts'
import type { ConsolePort } from './port.ts'

/** What a screen shows at one moment. Two moments that show the same are the same object, whether the cursor is lit or not. */
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
  /** The picture that was last looked at, as it came; nothing before the first look. */
  picture(): Buffer | undefined
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
  const readings = shapes.map((shape) => book.read(shape))
  // A cursor stands alone: several cells side by side that are turned round are text in inverse video.
  const isCursor = ({ cursor }: Reading, at: number): boolean =>
    cursor && readings[at - 1]?.cursor !== true && readings[at + 1]?.cursor !== true
  const cursor = readings.findLastIndex(isCursor)
  const text = readings.map(({ character }) => character).join('')
  return { text, cursor: cursor < 0 ? undefined : cursor }
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

/** The only cell in which two grids differ, as it was and as it is. `many` where there are more, nothing where there is none. */
function findDifference(before: CellGrid, after: CellGrid): readonly [Shape, Shape] | 'many' | undefined {
  if (before.rows.length !== after.rows.length) return 'many'
  let found: readonly [Shape, Shape] | undefined
  for (const [at, row] of after.rows.entries()) {
    const then = before.rows[at]
    if (row === then) continue
    if (row.length !== then?.length) return 'many'
    for (const [column, shape] of row.entries()) {
      const old = then[column]
      if (old === undefined || old === shape) continue
      if (found !== undefined) return 'many'
      found = [old, shape]
    }
  }
  return found
}

/**
 * Whether nothing has changed between two moments but that the cursor was lit or went out. A cursor that blinks is learned
 * here: it is what comes and goes in an empty cell.
 */
function isSameMoment(before: CellGrid, after: CellGrid, book: GlyphBook): boolean {
  const difference = findDifference(before, after)
  if (difference === undefined) return true
  if (difference === 'many' || !differsByCursor(...difference)) return false
  const [old, now] = difference.map((shape) => book.read(shape).character)
  // What reads as a character is one that was typed, though it may be as flat as a cursor.
  if (old !== now && old !== UNREADABLE && now !== UNREADABLE) return false
  const lit = difference.find((shape) => shape !== BLANK)
  if (difference.includes(BLANK) && lit !== undefined && !book.read(lit).cursor)
    book.add({ glyphs: new Map(), cursor: lit })
  return true
}

// From this share on, what stands on a screen is read: the rest may be the lines of a frame.
const READABLE = 0.9
const ENOUGH = 6
const TELLING = 0.8

/** Which share of the characters is known; nothing where there are too few to tell. */
function shareKnown(rows: CellGrid['rows'], book: GlyphBook): number | undefined {
  const glyphs = rows.flatMap((shapes) => shapes.filter(isGlyph))
  if (glyphs.length < ENOUGH) return undefined
  return glyphs.filter((shape) => book.read(shape).character !== UNREADABLE).length / glyphs.length
}

/** Makes a function that finds out how a screen is divided into cells, and cuts and reads it. */
function createCutter(book: GlyphBook): (picture: Picture, earlier: CellGrid | undefined) => Screen {
  const readGrid = createGridReader(book)
  const settled = new Map<string, Layout>()

  /** Looks at a picture in every way there is: the way that can be read, or else one that shows a log-in prompt. */
  function choose(picture: Picture, layouts: Layouts): Layout {
    const [likeliest] = layouts
    const glances = layouts.map((layout) => ({ layout, rows: cutLastRows(picture, layout).rows }))
    const read = glances.find(({ rows }) => (shareKnown(rows, book) ?? 0) >= READABLE)
    if (read !== undefined) {
      settled.set(sizeOf(picture), read.layout)
      return read.layout
    }
    const fitting = glances.filter((glance) => findLoginPrompt(glance) !== undefined)
    let [best = likeliest] = fitting.map(({ layout }) => layout)
    let least = Number.POSITIVE_INFINITY
    for (const { layout } of fitting.length > 1 ? fitting : []) {
      // In the right cells a letter looks the same wherever it stands. Few letters say nothing: the likelier cells hold.
      const variety = varietyOf(cutCells(picture, layout))
      if (variety < least * TELLING) [best, least] = [layout, variety]
    }
    return best
  }

  return (picture, earlier) => {
    const layouts = listLayouts(picture)
    const [only] = layouts
    const known = layouts.length === 1 ? only : settled.get(sizeOf(picture))
    const screen = readGrid(cutCells(picture, known ?? choose(picture, layouts), earlier))
    if (known === undefined || layouts.length === 1) return screen
    // Another font in the same resolution, as between a loader and its kernel.
    const isLost = (shareKnown(screen.grid.rows, book) ?? 1) < 1 - READABLE
    return isLost ? readGrid(cutCells(picture, choose(picture, layouts))) : screen
  }
}

const sizeOf = ({ width, height }: Picture): string => `${width}x${height}`

/** How many of the characters on a screen are different ones, as a share. */
function varietyOf({ rows }: CellGrid): number {
  const glyphs = rows.flatMap((shapes) => shapes.filter(isGlyph))
  return new Set(glyphs).size / Math.max(1, glyphs.length)
}

/** Makes a reader of one machine’s screen. */
export function createScreenReader(
  port: ConsolePort,
  { book, clock }: { readonly book: GlyphBook; readonly clock: Clock },
): ScreenReader {
  const cut = createCutter(book)
  // The pictures that show the same moment: with a cursor that blinks there are two, time and again.
  let last:
    | { readonly files: readonly Buffer[]; readonly screen: Screen; readonly edition: number }
    | undefined

  async function look(signal: AbortSignal): Promise<Screen> {
    const file = await port.screen(signal)
    const edition = book.edition()
    if (last?.edition === edition && last.files.some((one) => one.equals(file))) return last.screen
    const shown = cut(parsePng(file), last?.screen.grid)
    const isSame = last?.edition === edition && isSameMoment(last.screen.grid, shown.grid, book)
    const screen = isSame && last !== undefined ? last.screen : shown
    const files = isSame && last !== undefined ? [file, ...last.files].slice(0, 2) : [file]
    last = { files, screen, edition }
    return screen
  }

  return {
    look,
    picture: () => last?.files[0],
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

/**
 * The line the machine stopped at: the cursor’s row, up to the cursor. On a row that is full the cursor stands on its last
 * character until more is written.
 */
export function promptOf(screen: Screen): string {
  const row = screen.rows[cursorRow(screen)] ?? ''
  const { cursor } = screen
  if (cursor === undefined) return row.trimEnd()
  return cursor.column === row.length - 1 ? row.trimEnd() : row.slice(0, cursor.column)
}

/**
 * Rows as the lines they were written as: a row that is full, but for a blank, goes on in the next. That is no proof: the
 * next one may only stand below it.
 */
export function joinRows(rows: readonly string[]): readonly string[] {
  const lines: string[] = []
  let goesOn = false
  for (const row of rows) {
    lines.push(goesOn ? `${lines.pop() ?? ''}${row}` : row)
    goesOn = row.slice(-2).trim() !== ''
  }
  return lines
}

/** Everything up to the cursor as one text without line breaks, every row over its whole width: wrapped lines join. */
export function joinedText(screen: Screen): string {
  return screen.rows.slice(0, cursorRow(screen)).join('') + promptOf(screen)
}
