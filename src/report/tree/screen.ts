import { stripVTControlCharacters } from 'node:util'

import type { TextOptions } from '../output.ts'
import { asciiText } from '../render/glyphs.ts'
import { widthOf } from '../render/width.ts'

const ESCAPE = '\u001b['
const HIDE_CURSOR = `${ESCAPE}?25l`
const SHOW_CURSOR = `${ESCAPE}?25h`
// Terminals that know them show everything between these two at once; the others ignore them.
const BEGIN_FRAME = `${ESCAPE}?2026h`
const END_FRAME = `${ESCAPE}?2026l`
const CLEAR_LINE = `${ESCAPE}K`
const CLEAR_BELOW = `${ESCAPE}J`

/** The lower end of a terminal: lines that stay, and below them a live area that is drawn over and over. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Adds lines above the live area and draws it anew; writes nothing where nothing differs. */
  paint(lines: readonly string[], live: readonly string[]): void
  /** Takes the live area off the screen, after it lines that stay; the cursor is the user's again. */
  leave(lines: readonly string[]): void
}

/** Opens the screen of a terminal; 80 columns and 24 rows where it does not tell. */
export function openScreen({ out, unicode }: Pick<TextOptions, 'out' | 'unicode'>): Screen {
  let drawn: readonly string[] = []

  const columns = (): number => (out.columns === undefined || out.columns < 1 ? 80 : out.columns)
  const write = (text: string): void => void out.write(unicode ? text : asciiText(text))

  /** Back to the first cell of the live area, also where the terminal became narrower and broke its rows in two. */
  function home(): string {
    const width = columns()
    const heights = drawn.map((row) => Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(row)) / width)))
    const up = heights.reduce((sum, height) => sum + height, 0) - 1
    return up > 0 ? `\r${ESCAPE}${up}A` : '\r'
  }

  const lineText = (lines: readonly string[]): string =>
    lines
      .flatMap((line) => line.split('\n'))
      .map((line) => `${line}${CLEAR_LINE}\n`)
      .join('')

  function restoreCursor(): void {
    out.write(SHOW_CURSOR)
  }

  return {
    get columns() {
      return columns()
    },
    get rows() {
      return out.rows === undefined || out.rows < 1 ? 24 : out.rows
    },
    paint(lines, live) {
      const same = live.length === drawn.length && live.every((row, index) => row === drawn[index])
      if (lines.length === 0 && same) return
      if (drawn.length === 0 && live.length > 0) process.once('exit', restoreCursor)
      const rows = live.map((row) => `${row}${CLEAR_LINE}`).join('\n')
      const start = drawn.length === 0 ? HIDE_CURSOR : home()
      write(`${BEGIN_FRAME}${start}${lineText(lines)}${rows}${CLEAR_BELOW}${END_FRAME}`)
      drawn = live
    },
    leave(lines) {
      process.off('exit', restoreCursor)
      const text = lines.length === 0 ? '' : lineText(lines)
      if (drawn.length === 0) {
        if (text !== '') write(text)
        return
      }
      write(`${home()}${CLEAR_BELOW}${text}${SHOW_CURSOR}`)
      drawn = []
    },
  }
}
