// What XML 1.0 cannot say at all, not even escaped.
const UNSPEAKABLE = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu

const NAMES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
])

/** A text as the content of an element. */
export function xmlText(text: string): string {
  return text.replace(UNSPEAKABLE, '\ufffd').replace(/[&<>\r]/g, (sign) => NAMES.get(sign) ?? sign)
}

/** Attributes of an element, each after a space; those without a value are left out. */
export function xmlAttributes(attributes: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = String(value).replace(UNSPEAKABLE, '\ufffd')
      return ` ${name}="${text.replace(/[&<>"'\t\n\r]/g, (sign) => NAMES.get(sign) ?? sign)}"`
    })
    .join('')
}
