// Shorter ones turn up in any text by chance.
const SHORTEST_CORE = 6

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8')

/**
 * The characters of a base64 text that are the same wherever in a longer text the value stands: `user:password` of an
 * HTTP header shifts the password's bytes by any of three offsets.
 */
function base64Cores(value: string): string[] {
  const bytes = bytesOf(value)
  return [0, 1, 2]
    .map((offset) => {
      const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
      const from = Math.ceil((offset * 8) / 6)
      const to = Math.floor(((offset + bytes.length) * 8) / 6)
      return text.slice(from, to)
    })
    .filter((core) => core.length >= SHORTEST_CORE)
}

const urlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')

function percentEncoded(value: string): string[] {
  // Through bytes and back, because a lone surrogate cannot be percent-encoded.
  const text = encodeURIComponent(bytesOf(value).toString('utf8'))
  const strict = text.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = strict.replaceAll('%20', '+')
  return [text, strict, form].flatMap((one) => [
    one,
    one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ])
}

function xmlEscaped(value: string): string[] {
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const more = text.replaceAll('>', '&gt;')
  const quoted = more.replaceAll('"', '&quot;')
  return [text, more, quoted, quoted.replaceAll("'", '&apos;'), quoted.replaceAll("'", '&#39;')]
}

/** Every way in which a value is likely to turn up in a log: as it is, and as base64, URL, JSON, XML, shell or hex text. */
export function encodingsOf(value: string): readonly string[] {
  const base64 = bytesOf(value).toString('base64')
  const json = JSON.stringify(value).slice(1, -1)
  const hex = bytesOf(value).toString('hex')
  const cores = base64Cores(value)
  return [
    value,
    base64,
    base64.replace(/=+$/, ''),
    bytesOf(value).toString('base64url'),
    ...cores,
    ...cores.map(urlSafe),
    ...percentEncoded(value),
    json,
    json.replaceAll('/', '\\/'),
    ...xmlEscaped(value),
    value.replaceAll("'", "'\\''"),
    hex,
    hex.toUpperCase(),
  ]
}
