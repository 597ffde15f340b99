/** A piece of a word: text as it stands, a variable, or a command whose output goes there. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly fallback: string | undefined
      readonly quoted: boolean
    }
  | { readonly kind: 'command'; readonly source: string; readonly quoted: boolean }

/** A word before expansion. */
export type Word = readonly Part[]

/** What a line of shell consists of. */
export type Token =
  | { readonly kind: 'word'; readonly word: Word }
  | { readonly kind: 'operator'; readonly text: string; readonly descriptor?: number | undefined }
  | { readonly kind: 'end' }

/** The text ends in the middle of something: an interactive shell asks for more. */
export const INCOMPLETE = Symbol('incomplete')

const OPERATORS = ['&&', '||', '>>', '>&', '<&', ';', '|', '&', '<', '>', '(', ')', '\n'] as const

/** The end of `$(…)` or `` `…` `` that starts before `from`, quotes respected. */
function closing(source: string, { from, mark }: { readonly from: number; readonly mark: string }): number {
  let depth = 1
  for (let at = from; at < source.length; at += 1) {
    const character = source[at]
    if (character === '\\') at += 1
    else if (character === mark && (depth -= 1) === 0) return at
    else if (mark === ')' && character === '(') depth += 1
    else if (mark === ')' && (character === "'" || character === '"')) {
      const end = source.indexOf(character, at + 1)
      if (end < 0) return -1
      at = end
    }
  }
  return -1
}

/** Reads a `$…` at `from`; gives the part and where it ends, nothing where the dollar stands for itself. */
function readDollar(
  source: string,
  { from, quoted }: { readonly from: number; readonly quoted: boolean },
): { readonly part: Part; readonly end: number } | typeof INCOMPLETE | undefined {
  if (source[from + 1] === '(') {
    const end = closing(source, { from: from + 2, mark: ')' })
    if (end < 0) return INCOMPLETE
    return { part: { kind: 'command', source: source.slice(from + 2, end), quoted }, end: end + 1 }
  }
  const rest = source.slice(from + 1)
  const braced = /^\{([A-Za-z_]\w*|[?$#@*0-9])(?::?-([^}]*))?\}/.exec(rest)
  const plain = braced ?? /^([A-Za-z_]\w*|[?$#@*0-9])/.exec(rest)
  if (plain === null) return undefined
  return {
    part: { kind: 'variable', name: plain[1] ?? '', fallback: braced?.[2], quoted },
    end: from + 1 + plain[0].length,
  }
}

/** Cuts a script into tokens. */
export function parseTokens(source: string): readonly Token[] | typeof INCOMPLETE {
  const tokens: Token[] = []
  let word: Part[] | undefined
  let at = 0

  const add = (part: Part): void => void (word ??= []).push(part)
  const finish = (): void => {
    if (word !== undefined) tokens.push({ kind: 'word', word })
    word = undefined
  }

  function quoted(): boolean {
    add({ kind: 'text', text: '', quoted: true })
    for (at += 1; at < source.length;) {
      const character = source[at] ?? ''
      if (character === '"') {
        at += 1
        return true
      }
      if (character === '\\' && /[$`"\\\n]/.test(source[at + 1] ?? '')) {
        if (source[at + 1] !== '\n') add({ kind: 'text', text: source[at + 1] ?? '', quoted: true })
        at += 2
      } else if (!special(true)) {
        add({ kind: 'text', text: character, quoted: true })
        at += 1
      } else if (at < 0) return false
    }
    return false
  }

  /** Takes `$…` and backquotes; `at` is negative afterwards where they do not end. */
  function special(inQuotes: boolean): boolean {
    if (source[at] === '`') {
      const end = closing(source, { from: at + 1, mark: '`' })
      if (end >= 0) add({ kind: 'command', source: source.slice(at + 1, end), quoted: inQuotes })
      at = end < 0 ? -1 : end + 1
      return true
    }
    if (source[at] !== '$') return false
    const dollar = readDollar(source, { from: at, quoted: inQuotes })
    if (dollar === undefined) return false
    if (dollar === INCOMPLETE) at = -1
    else {
      add(dollar.part)
      at = dollar.end
    }
    return true
  }

  while (at >= 0 && at < source.length) {
    const character = source[at] ?? ''
    const operator = OPERATORS.find((text) => source.startsWith(text, at))
    if (character === '#' && word === undefined) {
      const end = source.indexOf('\n', at)
      at = end < 0 ? source.length : end
    } else if (operator !== undefined) {
      const descriptor =
        /^[<>]/.test(operator) &&
        word?.length === 1 &&
        word[0]?.kind === 'text' &&
        /^[012]$/.test(word[0].text)
          ? Number(word[0].text)
          : undefined
      if (descriptor === undefined) finish()
      word = undefined
      tokens.push({ kind: 'operator', text: operator, descriptor })
      at += operator.length
    } else if (character === ' ' || character === '\t') {
      finish()
      at += 1
    } else if (character === '\\') {
      if (at + 1 >= source.length) return INCOMPLETE
      if (source[at + 1] !== '\n') add({ kind: 'text', text: source[at + 1] ?? '', quoted: true })
      at += 2
    } else if (character === "'") {
      const end = source.indexOf("'", at + 1)
      if (end < 0) return INCOMPLETE
      add({ kind: 'text', text: source.slice(at + 1, end), quoted: true })
      at = end + 1
    } else if (character === '"') {
      if (!quoted()) return INCOMPLETE
    } else if (!special(false)) {
      const plain = /^[^\s;|&<>()'"\\$`]+/.exec(source.slice(at))?.[0] ?? character
      add({ kind: 'text', text: plain, quoted: false })
      at += plain.length
    }
  }
  if (at < 0) return INCOMPLETE
  finish()
  tokens.push({ kind: 'end' })
  return tokens
}
