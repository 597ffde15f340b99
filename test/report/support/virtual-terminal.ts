import { stripVTControlCharacters } from 'node:util'

import type { Output } from '../../../src/report/output.ts'

// Built from a text, because a control character in a pattern is more often a mistake.
const TOKENS = new RegExp(String.raw`\u001b\[([?\d;]*)([A-Za-z])|[^]`, 'gu')

/** A terminal that understands what a live area needs, and keeps what it shows. */
export interface VirtualTerminal extends Output {
  /** Rows on the screen, the last ones of everything written. */
  screen(): readonly string[]
  /** Everything, the scrolled-away rows included. */
  all(): readonly string[]
  cursorShown(): boolean
  readonly writes: readonly string[]
  resize(size: { readonly columns: number; readonly rows: number }): void
}

/** Makes an empty terminal. An escape sequence that it does not know is an error. */
export function virtualTerminal(size: { columns: number; rows: number }): VirtualTerminal {
  const grid: string[][] = [[]]
  const writes: string[] = []
  let { columns, rows } = size
  let row = 0
  let column = 0
  let shown = true

  const rowAt = (index: number): string[] => (grid[index] ??= [])

  function put(sign: string): void {
    if (column >= columns) {
      row += 1
      column = 0
    }
    rowAt(row)[column] = sign
    column += 1
  }

  function control(argument: string, letter: string): void {
    const count = Number.parseInt(argument, 10) || 1
    // What has scrolled away cannot be reached any more.
    if (letter === 'A') row = Math.max(Math.max(0, grid.length - rows), row - count)
    else if (letter === 'K') rowAt(row).length = Math.min(rowAt(row).length, column)
    else if (letter === 'J') {
      rowAt(row).length = Math.min(rowAt(row).length, column)
      grid.length = row + 1
    } else if (argument === '?25' && letter === 'l') shown = false
    else if (argument === '?25' && letter === 'h') shown = true
    else if (argument !== '?2026' && letter !== 'm') throw new RangeError(`unknown: CSI ${argument}${letter}`)
  }

  function write(text: string): void {
    writes.push(text)
    for (const [token, argument, letter] of text.matchAll(TOKENS)) {
      if (letter !== undefined) control(argument ?? '', letter)
      else if (token === '\n') {
        row += 1
        column = 0
        rowAt(row)
      } else if (token === '\r') column = 0
      else put(token)
    }
  }

  const lines = (): string[] =>
    grid.map((cells) => stripVTControlCharacters(Array.from(cells, (cell) => cell ?? ' ').join('')).trimEnd())

  return {
    get columns() {
      return columns
    },
    get rows() {
      return rows
    },
    isTTY: true,
    writes,
    write,
    screen: () => lines().slice(-rows),
    all: lines,
    cursorShown: () => shown,
    resize(next) {
      columns = next.columns
      rows = next.rows
    },
  }
}
