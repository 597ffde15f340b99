import { CodecError } from './error.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
}

// Everything that XML 1.0 can hold; there is no way to write the rest, not even as a reference.
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/** Escapes text for an element's content or a quoted attribute. Throws where XML cannot hold a character. */
export function escapeXml(text: string): string {
  if (FORBIDDEN.test(text)) throw new CodecError('type', 'the text has a character that XML cannot hold')
  return text.replaceAll(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character)
}
