import type { Clock } from '../../model/clock.ts'
import { ConnectError } from '../../model/error.ts'
import { isGlyph, SOLID, type Shape } from './cells.ts'
import type { GlyphBook } from './glyph-book.ts'
import { controlKey, keysOf } from './keys.ts'
import type { ConsolePort } from './port.ts'
import type { Screen, ScreenReader } from './screen.ts'
import { typeKeys } from './type-keys.ts'

// `#` and `@` come last and alone: to old terminals they mean “take back one character” and “take back the line”.
const CHARACTERS: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz0123456789',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '!"$%&\'()*+,-./:;<=>?[\\]^_`{|}~',
  '#',
  '@',
]
const DEMANDED = 3

const PROMPT = 'login:'
const LOOKS = 25
const BATCH = 16

/**
 * Finds the log-in prompt by its form alone, in a font nobody has told us: the last row that holds anything holds six
 * different shapes at its beginning and nothing else but the cursor.
 */
export function findLoginPrompt(screen: Screen): number | undefined {
  const { rows } = screen.grid
  const row = rows.findLastIndex((shapes) => shapes.some(isGlyph))
  const shapes = rows[row]
  if (shapes === undefined) return undefined
  const word = shapes.slice(0, PROMPT.length)
  const rest = shapes.slice(PROMPT.length)
  const glyphs = rest.filter(isGlyph)
  const distinct = new Set(word).size === PROMPT.length && word.every(isGlyph)
  // One glyph behind it may be a cursor that is no full block.
  const bare = glyphs.length === 0 || (glyphs.length === 1 && isGlyph(rest[1] ?? ''))
  return distinct && bare ? row : undefined
}

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
  const start = PROMPT.length + 1

  const waitFor = async <T>(find: (screen: Screen) => T | undefined): Promise<T | undefined> => {
    let screen = await reader.look(signal)
    for (let looks = 0; looks < LOOKS; looks++) {
      const found = find(screen)
      if (found !== undefined) return found
      screen = await reader.lookPast(screen, { quiet: 1000, signal })
    }
    return undefined
  }

  for (const [index, part] of CHARACTERS.entries()) {
    if ((await waitFor(findLoginPrompt)) === undefined) throw lost('the log-in prompt went away')
    await typeKeys(port, keysOf(part), { clock, signal, batch: BATCH })
    const shown = await waitFor((screen) => readEcho(screen, { start, length: part.length }))
    if (shown === undefined) {
      if (index >= DEMANDED) continue
      throw lost(`typing ${part.length} characters did not show as many`)
    }
    for (const [at, character] of Array.from(part).entries()) {
      const shape = shown.shapes[at]
      if (shape !== undefined) glyphs.set(shape, character)
    }
    cursor ??= shown.cursor
    await typeKeys(port, [controlKey('u')], { clock, signal, batch: 1 })
  }

  const read = await waitFor((screen) => {
    const row = findLoginPrompt(screen)
    const shapes = row === undefined ? undefined : screen.grid.rows[row]?.slice(0, PROMPT.length)
    return shapes?.map((shape) => glyphs.get(shape) ?? '?').join('')
  })
  if (read !== PROMPT) throw lost(`the prompt reads “${read ?? ''}”`)
  return { glyphs, cursor }
}

/** The shapes of what was typed, once all of it stands behind the prompt, and what the cursor looks like. */
function readEcho(
  screen: Screen,
  { start, length }: { readonly start: number; readonly length: number },
): { readonly shapes: readonly Shape[]; readonly cursor: Shape | undefined } | undefined {
  const row = screen.grid.rows.findLast((shapes) => shapes.some(isGlyph))
  if (row === undefined) return undefined
  const shapes = row.slice(start, start + length)
  const behind = row.slice(start + length)
  if (!shapes.every(isGlyph) || new Set(shapes).size !== length) return undefined
  if (behind.slice(1).some(isGlyph)) return undefined
  const next = behind[0]
  return { shapes, cursor: next !== undefined && (next === SOLID || isGlyph(next)) ? next : undefined }
}

function lost(reason: string): ConnectError {
  return new ConnectError('protocol', `the font of the console could not be learned: ${reason}`, {
    hint: 'look at the console in the vSphere client: it should show a log-in prompt',
  })
}
