import { InternalError } from '../../model/error.ts'
import type { Key } from './port.ts'

const PLAIN = new Map<string, number>([
  [' ', 0x2c],
  ['-', 0x2d],
  ['=', 0x2e],
  ['[', 0x2f],
  [']', 0x30],
  ['\\', 0x31],
  [';', 0x33],
  ["'", 0x34],
  ['`', 0x35],
  [',', 0x36],
  ['.', 0x37],
  ['/', 0x38],
])

const SHIFTED = new Map<string, number>([
  ['!', 0x1e],
  ['@', 0x1f],
  ['#', 0x20],
  ['$', 0x21],
  ['%', 0x22],
  ['^', 0x23],
  ['&', 0x24],
  ['*', 0x25],
  ['(', 0x26],
  [')', 0x27],
  ['_', 0x2d],
  ['+', 0x2e],
  ['{', 0x2f],
  ['}', 0x30],
  ['|', 0x31],
  [':', 0x33],
  ['"', 0x34],
  ['~', 0x35],
  ['<', 0x36],
  ['>', 0x37],
  ['?', 0x38],
])

const key = (usage: number, modifiers: Partial<Key> = {}): Key => ({
  usage,
  shift: false,
  control: false,
  alt: false,
  ...modifiers,
})

/** The Enter key. */
export const ENTER = key(0x28)

/** A letter with the control key held. */
export function controlKey(letter: string): Key {
  return key(0x04 + letter.toLowerCase().charCodeAt(0) - 97, { control: true })
}

function keyOf(character: string): Key | undefined {
  if (/^[a-z]$/.test(character)) return key(0x04 + character.charCodeAt(0) - 97)
  if (/^[A-Z]$/.test(character)) return key(0x04 + character.charCodeAt(0) - 65, { shift: true })
  if (character === '0') return key(0x27)
  if (/^[1-9]$/.test(character)) return key(0x1e + character.charCodeAt(0) - 49)
  const plain = PLAIN.get(character)
  if (plain !== undefined) return key(plain)
  const shifted = SHIFTED.get(character)
  return shifted === undefined ? undefined : key(shifted, { shift: true })
}

/** Whether a US keyboard has a key for every character of a text. */
export function isTypable(text: string): boolean {
  return Array.from(text).every((character) => keyOf(character) !== undefined)
}

/** The keys that type a text on a US keyboard. Throws where it has no key for a character. */
export function keysOf(text: string): readonly Key[] {
  return Array.from(text, (character) => {
    const found = keyOf(character)
    if (found === undefined) {
      const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''
      throw new InternalError(`a US keyboard has no key for the character U+${code}`)
    }
    return found
  })
}
