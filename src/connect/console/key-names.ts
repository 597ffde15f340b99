import { controlKey, ENTER, keysOf, isTypable } from './keys.ts'
import type { Key } from './port.ts'

const plain = (usage: number): Key => ({ usage, shift: false, control: false, alt: false })

const NAMED = new Map<string, Key>([
  ['enter', ENTER],
  ['esc', plain(0x29)],
  ['backspace', plain(0x2a)],
  ['tab', plain(0x2b)],
  ['space', plain(0x2c)],
  ['delete', plain(0x4c)],
  ['right', plain(0x4f)],
  ['left', plain(0x50)],
  ['down', plain(0x51)],
  ['up', plain(0x52)],
  ...Array.from({ length: 12 }, (_, at) => [`f${at + 1}`, plain(0x3a + at)] as const),
])

/** The names of keys that have one; every printable character stands for itself. */
export const KEY_NAMES: readonly string[] = [...NAMED.keys()]

/** Reads the name of one key, with what is held beside it: `enter`, `ctrl+c`, `alt+f2`, `q`. Nothing where there is none. */
export function parseKey(written: string): Key | undefined {
  const parts = written.split('+')
  // The plus sign is a key, too.
  const name = written.endsWith('+') ? '+' : (parts.at(-1) ?? '')
  const held = (written.endsWith('+') ? parts.slice(0, -2) : parts.slice(0, -1)).map((one) =>
    one.toLowerCase(),
  )
  if (held.some((one) => !['ctrl', 'alt', 'shift'].includes(one))) return undefined
  const typed = name.length === 1 && isTypable(name) ? keysOf(name)[0] : undefined
  const key = NAMED.get(name.toLowerCase()) ?? typed
  if (key === undefined) return undefined
  const control = held.includes('ctrl')
  const letter = control && /^[a-z]$/i.test(name) ? controlKey(name) : key
  return { ...letter, control, alt: held.includes('alt'), shift: key.shift || held.includes('shift') }
}
