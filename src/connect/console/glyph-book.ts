import { BLANK, invertShape, MIXED, overlayShapes, SOLID, type Shape } from './cells.ts'

/** Stands where a cell shows something that is not known. */
export const UNREADABLE = '\uFFFD'

/** What a cell shows: a character, and whether the cursor is on it. */
export interface Reading {
  readonly character: string
  readonly cursor: boolean
}

/** A page of what was learned in one go. */
export interface GlyphPage {
  readonly glyphs: ReadonlyMap<Shape, string>
  /** What a cell looks like that holds nothing but the cursor. */
  readonly cursor: Shape | undefined
}

/**
 * The shapes of characters, learned from a screen. One book serves all machines of a run that show the same font, so
 * that only the first of them has to be asked for it.
 */
export interface GlyphBook {
  /** Counts what was added: 0 while nothing is known. What was read under an earlier edition may read better now. */
  edition(): number
  read(shape: Shape): Reading
  /** All that is known, to be kept. */
  known(): { readonly glyphs: ReadonlyMap<Shape, string>; readonly cursors: ReadonlySet<Shape> }
  /** Adds what was learned. A shape that already stands for another character becomes unreadable. */
  add(page: GlyphPage): void
  /** Runs `learn` for one machine at a time; those that waited look into the book before they learn themselves. */
  exclusively<T>(learn: () => Promise<T>): Promise<T>
}

const EMPTY: Reading = { character: ' ', cursor: false }
const EMPTY_CURSOR: Reading = { character: ' ', cursor: true }
const UNKNOWN: Reading = { character: UNREADABLE, cursor: false }

/** Makes an empty book. */
export function createGlyphBook(): GlyphBook {
  // Whole readings, because a screen has two thousand cells and is read thousands of times in a run.
  const readings = new Map<Shape, Reading>()
  const cursors = new Set<Shape>([SOLID])
  let edition = 0
  let turn: Promise<unknown> = Promise.resolve()

  /** What a shape shows under a cursor that only adds to it, as an underline does. */
  function readUnder(shape: Shape): Reading | undefined {
    for (const cursor of cursors) {
      for (const [glyph, reading] of readings) if (overlayShapes(glyph, cursor) === shape) return reading
    }
    return undefined
  }

  return {
    edition: () => edition,
    known() {
      // What is a block for everybody, and what stands for two characters, need not be told again.
      const certain = [...readings].filter(([, { character }]) => character !== UNREADABLE)
      const glyphs = new Map(certain.map(([shape, { character }]) => [shape, character]))
      return { glyphs, cursors: new Set([...cursors].filter((cursor) => cursor !== SOLID)) }
    },
    read(shape) {
      if (shape === BLANK) return EMPTY
      if (shape === MIXED) return UNKNOWN
      // A low line is a character in some fonts and the cursor in others: what was typed is known for certain.
      const known = readings.get(shape)
      if (known !== undefined) return known
      if (cursors.has(shape)) return EMPTY_CURSOR
      const under = readings.get(invertShape(shape)) ?? readUnder(shape)
      return under === undefined ? UNKNOWN : { ...under, cursor: true }
    },
    add({ glyphs, cursor }) {
      edition += 1
      for (const [shape, character] of glyphs) {
        const known = readings.get(shape)?.character ?? character
        readings.set(shape, known === character ? { character, cursor: false } : UNKNOWN)
      }
      if (cursor !== undefined && cursor !== BLANK) cursors.add(cursor)
    },
    exclusively(learn) {
      const mine = turn.then(learn)
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}
