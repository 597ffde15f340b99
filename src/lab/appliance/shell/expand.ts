import type { Word } from './lexer.ts'

/** What words are expanded with. */
export interface Scope {
  variable(name: string): string | undefined
  /** Output of a command, without the line ends at its end. */
  output(source: string): Promise<string>
  /** Paths that match a pattern, none where none do. */
  matches(pattern: string): readonly string[]
  readonly home: string
}

/** Marks characters that came from quotes, so that they are not taken for patterns. */
const QUOTED = '\u0100'

function protect(text: string): string {
  return text.replace(/[*?[\\]/g, (character) => `${QUOTED}${character}`)
}

/** Expands a word to fields: variables, commands, splitting, patterns. */
export async function expandWord(word: Word, scope: Scope): Promise<readonly string[]> {
  const fields: string[] = []
  let current: string | undefined
  for (const [index, part] of word.entries()) {
    if (part.kind === 'text') {
      const text = index === 0 && !part.quoted ? part.text.replace(/^~(?=\/|$)/, () => scope.home) : part.text
      if (part.quoted || text !== '') current = (current ?? '') + (part.quoted ? protect(text) : text)
      continue
    }
    const value =
      part.kind === 'variable'
        ? (scope.variable(part.name) ?? part.fallback ?? '')
        : await scope.output(part.source)
    if (part.quoted) {
      current = (current ?? '') + protect(value)
      continue
    }
    const pieces = value.split(/[ \t\n]+/)
    pieces.forEach((piece, at) => {
      if (at > 0 && current !== undefined) {
        fields.push(current)
        current = undefined
      }
      if (piece !== '') current = (current ?? '') + piece
    })
  }
  if (current !== undefined) fields.push(current)
  return fields.flatMap((field) => {
    const plain = field.replaceAll(QUOTED, '')
    const isPattern = new RegExp(`(?<!${QUOTED})[*?]`).test(field)
    const found = isPattern ? scope.matches(plain) : []
    return found.length > 0 ? found : [plain]
  })
}

/** Expands a word to one text, as in an assignment or a redirection. */
export async function expandText(word: Word, scope: Scope): Promise<string> {
  const whole: Word = word.map((part) => ({ ...part, quoted: true }))
  return (await expandWord(whole, scope))[0] ?? ''
}
