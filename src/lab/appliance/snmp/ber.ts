/** A value in the Basic Encoding Rules: its tag and its bytes, which are a part of the message that they came in. */
export interface Tlv {
  readonly tag: number
  readonly content: Buffer
}

/** Tags of what SNMP is made of. */
export const TAG = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  timeTicks: 0x43,
  counter32: 0x41,
  noSuchObject: 0x80,
  endOfMibView: 0x82,
} as const

/** Splits bytes into the values that stand in them one after the other, `most` at most; none where they are not that. */
export function parseTlvs(bytes: Buffer, most = Infinity): readonly Tlv[] | undefined {
  const values: Tlv[] = []
  for (let at = 0; at < bytes.length && values.length < most;) {
    const tag = bytes[at] ?? 0
    const first = bytes[at + 1]
    if (first === undefined) return undefined
    const width = first < 0x80 ? 0 : first & 0x7f
    if (width > 3 || at + 2 + width > bytes.length || first === 0x80) return undefined
    const length = width === 0 ? first : bytes.readUIntBE(at + 2, width)
    const start = at + 2 + width
    if (start + length > bytes.length) return undefined
    values.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return values
}

/** The values inside of one of a certain tag; none where it is another, or malformed. */
export function parseInside(value: Tlv | undefined, tag: number = TAG.sequence): readonly Tlv[] | undefined {
  return value?.tag === tag ? parseTlvs(value.content) : undefined
}

/** A whole number of at most four bytes; none where it is none. */
export function parseInteger(value: Tlv | undefined): number | undefined {
  if (value?.tag !== TAG.integer || value.content.length === 0 || value.content.length > 4) return undefined
  return value.content.readIntBE(0, value.content.length)
}

/** An object identifier as numbers; none where it is none. */
export function parseOid(value: Tlv | undefined): readonly number[] | undefined {
  if (value?.tag !== TAG.oid || value.content.length === 0 || value.content.length > 128) return undefined
  const parts: number[] = []
  let part = 0
  for (const byte of value.content) {
    part = (part % 2 ** 25) * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    parts.push(part)
    part = 0
  }
  const [first = 0, ...rest] = parts
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - 40 * top, ...rest]
}

/** Writes a value of parts that are encoded already. */
export function renderTlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const width = content.length < 0x100 ? 1 : content.length < 0x10000 ? 2 : 3
  const head = Buffer.alloc(2 + width)
  head.writeUInt8(tag, 0)
  head.writeUInt8(0x80 | width, 1)
  head.writeUIntBE(content.length, 2, width)
  return Buffer.concat([head, content])
}

/** Writes a whole number in as few bytes as it takes. */
export function renderInteger(value: number, tag: number = TAG.integer): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeIntBE(value, 0, 6)
  let start = 0
  // A leading byte that only repeats the sign of the next one says nothing.
  while (start < 5 && bytes[start] === ((bytes[start + 1] ?? 0) >= 0x80 ? 0xff : 0)) start += 1
  return renderTlv(tag, bytes.subarray(start))
}

export function renderOctets(bytes: Buffer): Buffer {
  return renderTlv(TAG.octets, bytes)
}

/** Writes an object identifier. */
export function renderOid([top = 0, second = 0, ...rest]: readonly number[]): Buffer {
  const bytes = [40 * top + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80)
    }
    return groups
  })
  return renderTlv(TAG.oid, Buffer.from(bytes))
}
