/** Character cells of the console. */
export const SCREEN = { columns: 80, rows: 25 } as const

const SPACE = 0x20

/** What a text screen holds: character codes row by row, and where the cursor is. */
export interface ScreenCells {
  readonly codes: Uint8Array
  readonly row: number
  readonly column: number
}

/** A text screen that programs write to. */
export interface Vt {
  /** Takes bytes as text: printable ASCII, CR, LF, BS, TAB and the few escape sequences a shell uses. */
  write(text: string): void
  cells(): ScreenCells
  /** Grows with every write, so that a picture can be kept until the screen changes. */
  version(): number
  /** The screen as lines without trailing blanks, for people and tests. */
  text(): string
}

/** Makes an empty screen with the cursor at the top left. */
export function createVt(): Vt {
  const { columns, rows } = SCREEN
  const codes = new Uint8Array(columns * rows).fill(SPACE)
  let row = 0
  let column = 0
  let version = 0
  let escape: string | undefined

  function lineFeed(): void {
    if (row < rows - 1) {
      row += 1
      return
    }
    codes.copyWithin(0, columns)
    codes.fill(SPACE, columns * (rows - 1))
  }

  function print(code: number): void {
    // The cursor waits behind the last column until something is printed there, as on the real thing.
    if (column === columns) {
      column = 0
      lineFeed()
    }
    codes[row * columns + column] = code
    column += 1
  }

  function control(sequence: string): void {
    const here = row * columns + Math.min(column, columns - 1)
    const parameter = Number.parseInt(sequence.slice(1), 10)
    switch (sequence.at(-1) ?? '') {
      case 'H':
        row = 0
        column = 0
        break
      case 'J':
        codes.fill(SPACE, parameter === 2 ? 0 : here)
        break
      case 'K':
        codes.fill(SPACE, here, (row + 1) * columns)
        break
      default:
    }
  }

  function put(code: number): void {
    if (escape !== undefined) {
      escape += String.fromCharCode(code)
      const done = escape.length === 1 ? code !== 0x5b : code >= 0x40 && code <= 0x7e
      if (!done && escape.length < 32) return
      if (escape.startsWith('[')) control(escape)
      escape = undefined
      return
    }
    if (code === 0x1b) escape = ''
    else if (code === 0x0a) lineFeed()
    else if (code === 0x0d) column = 0
    else if (code === 0x08) column = Math.max(0, Math.min(column, columns - 1) - 1)
    else if (code === 0x09) column = Math.min(columns - 1, (column | 7) + 1)
    else if (code >= SPACE && code !== 0x7f) print(code)
  }

  return {
    write(text) {
      for (let index = 0; index < text.length; index += 1) put(text.charCodeAt(index) & 0xff)
      version += 1
    },
    cells: () => ({ codes, row, column: Math.min(column, columns - 1) }),
    version: () => version,
    text() {
      const lines: string[] = []
      for (let y = 0; y < rows; y += 1) {
        lines.push(String.fromCharCode(...codes.subarray(y * columns, (y + 1) * columns)).replace(/ +$/, ''))
      }
      return lines.join('\n').replace(/\n+$/, '')
    },
  }
}
