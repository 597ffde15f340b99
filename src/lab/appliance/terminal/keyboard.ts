import type { GuestKey } from '../../guest.ts'

const LETTER_A = 0x04
const LETTER_Z = 0x1d

/** Keys of a US keyboard by HID usage: what they give without and with shift. */
const KEYS = new Map<number, string>([
  ...Array.from('1!2@3#4$5%6^7&8*9(0)').flatMap((key, index, all) =>
    index % 2 === 0 ? [[0x1e + index / 2, key + (all[index + 1] ?? '')] as const] : [],
  ),
  [0x28, '\r\r'],
  [0x29, '\x1b\x1b'],
  [0x2a, '\x7f\x7f'],
  [0x2b, '\t\t'],
  [0x2c, '  '],
  [0x2d, '-_'],
  [0x2e, '=+'],
  [0x2f, '[{'],
  [0x30, ']}'],
  [0x31, '\\|'],
  [0x33, ';:'],
  [0x34, `'"`],
  [0x35, '`~'],
  [0x36, ',<'],
  [0x37, '.>'],
  [0x38, '/?'],
  [0x54, '//'],
  [0x55, '**'],
  [0x56, '--'],
  [0x57, '++'],
  [0x58, '\r\r'],
  ...Array.from('1234567890.', (key, index) => [0x59 + index, key + key] as const),
])

/** What a key press sends to the terminal on a US keyboard; empty for keys that send nothing. */
export function keyBytes({ usage, shift, control, alt }: GuestKey): string {
  let text: string
  if (usage >= LETTER_A && usage <= LETTER_Z) {
    const letter = String.fromCharCode(0x61 + usage - LETTER_A)
    if (control) return String.fromCharCode(letter.charCodeAt(0) & 0x1f)
    text = shift ? letter.toUpperCase() : letter
  } else {
    text = KEYS.get(usage)?.[shift ? 1 : 0] ?? ''
    if (control) return /^[[\\\]^_@]$/.test(text) ? String.fromCharCode(text.charCodeAt(0) & 0x1f) : ''
  }
  return alt && text !== '' ? `\x1b${text}` : text
}
