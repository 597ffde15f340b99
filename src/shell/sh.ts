import { InternalError } from '../model/error.ts'
import { Secret } from '../model/secret.ts'
import { quote } from './quote.ts'

const made: unique symbol = Symbol('made by sh')

/** A command line for a POSIX shell, with every value in it quoted. Only `sh` makes one: JSON from outside never is one. */
export interface CommandLine {
  readonly [made]: true
  /** What the shell gets. */
  readonly text: string
  /** The same text. */
  toString(): string
}

/** What may stand in a hole: text and numbers are quoted, command lines spliced, lists spread with spaces between. */
export type Hole = string | number | CommandLine | readonly Hole[]

/** Whether a value is a command line that `sh` made. */
export function isCommandLine(value: unknown): value is CommandLine {
  return typeof value === 'object' && value !== null && made in value
}

/** The quote mark that a shell is still inside of after this text, having been inside of `open` before it. */
function openQuote(text: string, open: string): string {
  let inside = open
  for (let at = 0; at < text.length; at++) {
    const mark = text.charAt(at)
    if (mark === '\\' && inside !== "'") at++
    else if (mark === inside) inside = ''
    else if (inside === '' && (mark === '"' || mark === "'")) inside = mark
  }
  return inside
}

function renderHole(hole: unknown): string {
  if (typeof hole === 'string') return quote(hole)
  if (typeof hole === 'number' && Number.isFinite(hole)) return quote(String(hole))
  if (isCommandLine(hole)) return hole.text
  if (Array.isArray(hole)) return hole.map(renderHole).join(' ')
  if (hole instanceof Secret) {
    throw new InternalError(`a secret (${hole.describe()}) was put on a command line`, {
      hint: 'everybody on that machine can read command lines; give the secret to the command on its standard input',
    })
  }
  throw new InternalError(
    `a command line cannot hold ${hole === null ? 'null' : `a value of type ${typeof hole}`}`,
  )
}

/**
 * Writes a command line: `` sh`systemctl restart ${unit}` ``. What is written in the template is the shell's, taken
 * literally as it stands, backslashes too; what comes through a hole is data and stays one word. Holes must not stand
 * inside quotes: they bring their own. Throws an `InternalError` for that and for a secret in a hole.
 */
export function sh(template: TemplateStringsArray, ...holes: readonly Hole[]): CommandLine {
  let text = template.raw[0] ?? ''
  let open = openQuote(text, '')
  for (const [index, hole] of holes.entries()) {
    if (open !== '') {
      throw new InternalError(
        `a value stands inside ${open} quotes in the command line ${template.raw.join('${…}')}`,
        {
          hint: 'leave the quotes out: the value brings its own',
        },
      )
    }
    const after = template.raw[index + 1] ?? ''
    text += renderHole(hole) + after
    open = openQuote(after, open)
  }
  return Object.freeze({ [made]: true as const, text, toString: () => text })
}
