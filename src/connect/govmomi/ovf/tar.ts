import { VimError } from '../error.ts'
import { checkMemberName } from './member-name.ts'
import type { ByteRange, ByteSource } from './source.ts'

/** A file inside a tar archive: where its bytes are. */
export interface TarMember {
  readonly name: string
  readonly offset: number
  readonly size: number
}

const BLOCK = 512

/** An OVA holds a handful of files; one with more than this is no OVA. */
const MAX_MEMBERS = 1000

const MAX_EXTENSION = 64 * 1024

/** Headers that describe others count, too: an archive may not keep us busy with nothing else. */
const MAX_HEADERS = 4 * MAX_MEMBERS

interface Header {
  readonly name: string
  readonly size: number
  readonly kind: string
}

/** What an extension header says about the member that follows it. */
interface Extension {
  readonly path?: string | undefined
  readonly size?: number | undefined
}

const broken = (text: string): VimError =>
  new VimError('archive', `the OVA is not a sound tar archive: ${text}`, { hint: 'download the image again' })

function parseText(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

// Octal text, or, above 8 GiB, a big-endian number behind a set first bit.
function parseNumber(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0
  if (first >= 0x80) {
    let number = BigInt(first & 0x7f)
    for (let at = start + 1; at < start + length; at += 1) number = (number << 8n) | BigInt(block[at] ?? 0)
    if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('a size is beyond all measure')
    return Number(number)
  }
  const text = parseText(block, start, length).trim()
  if (!/^[0-7]*$/.test(text)) throw broken(`“${text}” is not an octal number`)
  return text === '' ? 0 : Number.parseInt(text, 8)
}

function parseHeader(block: Buffer): Header {
  let sum = 0
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
  if (sum !== parseNumber(block, 148, 8)) throw broken('the checksum of a header does not hold')
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? parseText(block, 345, 155) : ''
  const name = parseText(block, 0, 100)
  return {
    name: prefix === '' || block.toString('latin1', 257, 264) === 'ustar ' ? name : `${prefix}/${name}`,
    size: parseNumber(block, 124, 12),
    kind: String.fromCodePoint(block[156] ?? 0),
  }
}

/** Parses the records of a pax header: `length key=value\n`. Exported for its own tests. */
export function parsePax(data: Buffer): Extension {
  const extension: { path?: string; size?: number } = {}
  let at = 0
  while (at < data.length) {
    const blank = data.indexOf(0x20, at)
    const digits = data.toString('latin1', at, blank < 0 ? at : blank)
    const length = /^\d{1,6}$/.test(digits) ? Number(digits) : 0
    if (length <= digits.length + 2 || at + length > data.length || data[at + length - 1] !== 0x0a) {
      throw broken('a pax record does not hold what it says')
    }
    const record = data.toString('utf8', blank + 1, at + length - 1)
    const equals = record.indexOf('=')
    const value = record.slice(equals + 1)
    const key = record.slice(0, Math.max(equals, 0))
    // Its bytes are not where and how the file's bytes are.
    if (key.startsWith('GNU.sparse.')) throw broken('it holds a sparse file')
    if (key === 'path') extension.path = value
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw broken(`“${value}” is not a size`)
      extension.size = Number(value)
    }
    at += length
  }
  return extension
}

/**
 * Indexes a tar archive without reading its files: one block per member. ustar, pax and GNU long names and sizes are
 * understood. Throws a `VimError` of kind `archive` for links, names that lead outside, duplicates, and whatever does not add up.
 */
export async function readTarIndex(
  source: ByteSource,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<readonly TarMember[]> {
  const total = source.size
  const read = (range: ByteRange): Promise<Buffer> =>
    source.read(range, signal === undefined ? {} : { signal })
  const members = new Map<string, TarMember>()
  let extension: Extension = {}
  let headers = 0
  for (let at = 0; at + BLOCK <= total;) {
    const block = await read({ offset: at, size: BLOCK })
    if (block.every((byte) => byte === 0)) break
    headers += 1
    if (headers > MAX_HEADERS) throw broken(`it has more than ${MAX_HEADERS} headers`)
    const header = parseHeader(block)
    const offset = at + BLOCK
    const isExtension = header.kind === 'x' || header.kind === 'L' || header.kind === 'g'
    const size = isExtension ? header.size : (extension.size ?? header.size)
    if (offset + size > total) throw broken(`${header.name} is cut off`)
    at = offset + Math.ceil(size / BLOCK) * BLOCK
    if (isExtension) {
      if (size > MAX_EXTENSION) throw broken('an extension header is too long')
      const data = await read({ offset, size })
      if (header.kind === 'x') extension = { ...extension, ...parsePax(data) }
      if (header.kind === 'L') extension = { ...extension, path: parseText(data, 0, data.length) }
      continue
    }
    const name = (extension.path ?? header.name).replace(/^\.\//, '')
    extension = {}
    if (header.kind === '5') continue
    if (header.kind !== '0' && header.kind !== '\0' && header.kind !== '7') {
      throw broken(`${name} is a link or a device, not a file`)
    }
    const wrong = checkMemberName(name)
    if (wrong !== undefined) throw broken(wrong)
    if (members.has(name)) throw broken(`${name} is there twice`)
    if (members.size >= MAX_MEMBERS) throw broken(`it has more than ${MAX_MEMBERS} files`)
    members.set(name, { name, offset, size })
  }
  if (members.size === 0) throw broken('there is no file in it')
  return [...members.values()]
}
