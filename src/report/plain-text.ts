import { stripVTControlCharacters } from 'node:util'

// Controls of both kinds, and the marks that reorder or hide what stands around them on a screen.
const INVISIBLE = /(?![\t\n])[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu
const LONE_SURROGATE = /\p{Cs}/gu
const NEEDS_WORK = /[^\t\n\u0020-\u007e\u00a0-\u1fff\u2010-\u2027\u2030-\u205f\u2070-\ud7ff]/

/**
 * Takes from a text everything that could do something to a terminal instead of being read: escape sequences, control
 * characters, and marks that change the direction of writing. Line breaks and tabs stay; a bare carriage return is a line
 * break.
 */
export function plainText(text: string): string {
  if (!NEEDS_WORK.test(text)) return text
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(INVISIBLE, '')
    .replace(LONE_SURROGATE, '\ufffd')
}
