/** One term of a pattern: what it names, and what is done with what it names. */
export interface PatternTerm {
  readonly sign: 'add' | 'keep' | 'remove'
  /** As written, without its sign. */
  readonly text: string
}

const OPENING = '[({'
const CLOSING = '])}'

/** Cuts at commas and colons, except inside brackets, and in a regular expression inside any pair and after a backslash. */
function splitTerms(pattern: string): readonly string[] {
  const terms: string[] = []
  let term = ''
  let depth = 0
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    const isRegex = /^\s*[&!]?~/.test(term)
    if (isRegex && character === '\\') {
      term += character + pattern.charAt(++at)
    } else if (depth === 0 && (character === ',' || character === ':')) {
      terms.push(term)
      term = ''
    } else {
      if (character === '[' || (isRegex && OPENING.includes(character))) depth++
      else if (character === ']' || (isRegex && CLOSING.includes(character))) depth = Math.max(0, depth - 1)
      term += character
    }
  }
  return [...terms, term]
}

/** Takes a `--limit` apart into its terms, in the order they stand in; empty ones (`a,,b`) are left out. */
export function parsePattern(pattern: string): readonly PatternTerm[] {
  return splitTerms(pattern)
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map((term): PatternTerm => {
      if (term.startsWith('&')) return { sign: 'keep', text: term.slice(1).trim() }
      if (term.startsWith('!')) return { sign: 'remove', text: term.slice(1).trim() }
      return { sign: 'add', text: term }
    })
}

/** The files that a pattern names by `@file`, as written. Whoever has a disk reads them before the pattern is matched. */
export function listPatternFiles(pattern: string): readonly string[] {
  return parsePattern(pattern).flatMap(({ text }) => (text.startsWith('@') ? [text.slice(1)] : []))
}
