import { MASK, type Secret } from '../model/secret.ts'
import { encodingsOf } from './encodings.ts'
import { plainText } from './plain-text.ts'

/** Replaces every known secret in a text by `•••`. */
export type Redact = (text: string) => string

// Shorter ones would turn half of the output into masks, and the masks would tell the value.
const SHORTEST = 4
const SHORTEST_LINE = 8

/** The texts of one value: the whole, and the lines of a key file, which a log may break up. */
function partsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE)
  return [value, value.trim(), plainText(value), ...lines]
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/**
 * Makes the one function that all text goes through before anybody sees it. One pattern is compiled for all values and
 * their encodings. Passwords that the vendor has published stay readable: they are also user names. Secrets that
 * were not opened have no value that could appear.
 */
export function createRedactor(secrets: Iterable<Secret>): Redact {
  const known = new Set<string>()
  for (const secret of secrets) {
    if (secret.source.kind === 'documented' || !secret.isOpen) continue
    for (const part of partsOf(secret.reveal())) {
      if (part.length < SHORTEST) continue
      for (const text of encodingsOf(part)) if (text.length >= SHORTEST) known.add(text)
    }
  }
  if (known.size === 0) return (text) => text
  // The longest first, so that no match leaves the rest of a longer one behind.
  const longestFirst = [...known].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escapePattern).join('|'), 'g')
  return (text) => text.replace(pattern, MASK)
}
