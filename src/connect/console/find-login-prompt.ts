import { isGlyph, type CellGrid } from './cells.ts'

/** The last word of a log-in prompt. */
export const PROMPT = 'login:'

/** Where a log-in prompt stands on a screen. */
export interface PromptPlace {
  readonly row: number
  /** The column of its last word, and the one behind the blank after it, where typing shows. */
  readonly word: number
  readonly start: number
}

/**
 * Finds the log-in prompt by its form alone, in a font nobody has told us: the last row that holds anything ends with a
 * word of six different shapes, behind the name of the machine at most, and nothing follows but the cursor.
 */
export function findLoginPrompt({ rows }: Pick<CellGrid, 'rows'>): PromptPlace | undefined {
  const row = rows.findLastIndex((shapes) => shapes.some(isGlyph))
  const shapes = rows[row] ?? []
  const glyphs = shapes.map(isGlyph)
  let end = glyphs.lastIndexOf(true) + 1
  // One glyph that stands alone may be a cursor that is no full block.
  if (glyphs[end - 2] === false && glyphs[end - 3] === true) end -= 2
  const word = end - PROMPT.length
  const before = glyphs.slice(0, Math.max(0, word - 1))
  const isAlone = word === 0 || (word > 1 && glyphs[word - 1] === false && before.every(Boolean))
  const letters = shapes.slice(Math.max(0, word), end)
  const isWord = new Set(letters).size === PROMPT.length && letters.every(isGlyph)
  return isAlone && isWord ? { row, word, start: end + 1 } : undefined
}
