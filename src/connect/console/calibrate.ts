import type { Clock } from '../../model/clock.ts'
import { ConnectError } from '../../model/error.ts'
import { BLANK, differsByCursor, isGlyph, SOLID, type Shape } from './cells.ts'
import { findLoginPrompt, PROMPT } from './find-login-prompt.ts'
import type { GlyphBook } from './glyph-book.ts'
import { controlKey, keysOf } from './keys.ts'
import type { ConsolePort } from './port.ts'
import type { Screen, ScreenReader } from './screen.ts'
import { typeKeys } from './type-keys.ts'

// FreeBSD clears no more than the first 37 columns of the line, its prompt among them. `#` and `@` come last and alone: to
// old terminals they mean “take back one character” and “take back the line”.
const CHARACTERS: readonly string[] = [
  'abcdefghijklmnopqr',
  'stuvwxyz0123456789',
  'ABCDEFGHIJKLM',
  'NOPQRSTUVWXYZ',
  '!"$%&\'()*+,-./:',
  ';<=>?[\\]^_`{|}~',
  '#',
  '@',
]

const LOOKS = 25
const BATCH = 16

/** What is needed to learn a font. */
export interface CalibrateOptions {
  readonly reader: ScreenReader
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Learns the shapes of the printable characters by typing them at the log-in prompt and looking at what appears; clears
 * the line after each part. Nothing is learned unless the prompt itself then reads `login:`.
 */
export async function calibrate(
  port: ConsolePort,
  { reader, clock, signal }: CalibrateOptions,
): Promise<Parameters<GlyphBook['add']>[0]> {
  const glyphs = new Map<Shape, string>()
  let cursor: Shape | undefined

  const waitFor = async <T>(find: (screen: Screen) => T | undefined): Promise<T | undefined> => {
    let screen = await reader.look(signal)
    for (let looks = 0; looks < LOOKS; looks++) {
      const found = find(screen)
      if (found !== undefined) return found
      screen = await reader.lookPast(screen, { quiet: 1000, signal })
    }
    return undefined
  }

  /** Types characters at the prompt and sees what shows; the line is cleared again. */
  async function see(part: string, batch: number): Promise<Echo | undefined> {
    const place = await waitFor(({ grid }) => findLoginPrompt(grid))
    if (place === undefined) throw lost('the log-in prompt went away')
    await typeKeys(port, keysOf(part), { clock, signal, batch })
    const shown = await waitFor((screen) => readEcho(screen, { start: place.start, length: part.length }))
    await typeKeys(port, [controlKey('u')], { clock, signal, batch: 1 })
    return shown
  }

  for (const part of CHARACTERS) {
    // A machine that is busy loses keys that come all at once.
    const shown = (await see(part, BATCH)) ?? (await see(part, 1))
    if (shown === undefined) {
      if (part.length === 1) continue
      throw lost(`typing ${part.length} characters did not show as many`)
    }
    for (const [at, character] of Array.from(part).entries()) {
      const shape = shown.shapes[at]
      if (shape !== undefined) glyphs.set(shape, character)
    }
    cursor ??= shown.cursor
  }

  const read = await waitFor(({ grid }) => {
    const place = findLoginPrompt(grid)
    if (place === undefined) return undefined
    const shapes = grid.rows[place.row]?.slice(place.word, place.word + PROMPT.length)
    return shapes?.map((shape) => glyphs.get(shape) ?? '?').join('')
  })
  if (read !== PROMPT) throw lost(`the prompt reads “${read ?? ''}”`)
  return { glyphs, cursor }
}

/** What showed of characters that were typed. */
interface Echo {
  readonly shapes: readonly Shape[]
  readonly cursor: Shape | undefined
}

/** The shapes of what was typed, once all of it stands behind the prompt, and what the cursor looks like. */
function readEcho(
  screen: Screen,
  { start, length }: { readonly start: number; readonly length: number },
): Echo | undefined {
  const row = screen.grid.rows.findLast((shapes) => shapes.some(isGlyph))
  if (row === undefined) return undefined
  const shapes = row.slice(start, start + length)
  const behind = row.slice(start + length)
  if (!shapes.every(isGlyph) || new Set(shapes).size !== length) return undefined
  if (behind.slice(1).some(isGlyph)) return undefined
  // A cursor that is no full block stands where the last character is yet to come.
  const latest = shapes.at(-1)
  if (latest === undefined || differsByCursor(BLANK, latest)) return undefined
  const next = behind[0]
  return { shapes, cursor: next !== undefined && (next === SOLID || isGlyph(next)) ? next : undefined }
}

function lost(reason: string): ConnectError {
  return new ConnectError('protocol', `the font of the console could not be learned: ${reason}`, {
    hint: 'look at the console in the vSphere client: it should show a log-in prompt',
  })
}
