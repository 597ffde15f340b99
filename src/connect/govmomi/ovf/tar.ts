import type { FileHandle } from 'node:fs/promises'

import { VimError } from '../error.ts'

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
    if (key === 'path') extension.path = value
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw broken(`“${value}” is not a size`)
      extension.size = Number(value)
    }
    at += length
  }
  return extension
}

function checkName(name: string): void {
  const parts = name.split('/')
  // oxlint-disable-next-line no-control-regex
  const isPlain = name !== '' && name.length <= 255 && !/[\u0000-\u001F\\]/.test(name)
  if (!isPlain || name.startsWith('/') || parts.includes('..') || parts.includes('.')) {
    throw broken(`the name ${JSON.stringify(name.slice(0, 80))} points outside`)
  }
}

async function readExactly(file: FileHandle, { offset, size }: Omit<TarMember, 'name'>): Promise<Buffer> {
  const buffer = Buffer.alloc(size)
  const { bytesRead } = await file.read(buffer, 0, size, offset)
  if (bytesRead < size) throw broken('it ends in the middle of a file')
  return buffer
}

/**
 * Indexes a tar archive without reading its files: one block per member. ustar, pax and GNU long names and sizes are
 * understood. Throws a `VimError` of kind `archive` for links, names that lead outside, duplicates, and whatever does not add up.
 */
export async function readTarIndex(file: FileHandle): Promise<readonly TarMember[]> {
  const { size: total } = await file.stat()
  const members = new Map<string, TarMember>()
  let extension: Extension = {}
  for (let at = 0; at + BLOCK <= total;) {
    const block = await readExactly(file, { offset: at, size: BLOCK })
    if (block.every((byte) => byte === 0)) break
    const header = parseHeader(block)
    const offset = at + BLOCK
    const isExtension = header.kind === 'x' || header.kind === 'L' || header.kind === 'g'
    const size = isExtension ? header.size : (extension.size ?? header.size)
    if (offset + size > total) throw broken(`${header.name} is cut off`)
    at = offset + Math.ceil(size / BLOCK) * BLOCK
    if (isExtension) {
      if (size > MAX_EXTENSION) throw broken('an extension header is too long')
      const data = await readExactly(file, { offset, size })
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
    checkName(name)
    if (members.has(name)) throw broken(`${name} is there twice`)
    if (members.size >= MAX_MEMBERS) throw broken(`it has more than ${MAX_MEMBERS} files`)
    members.set(name, { name, offset, size })
  }
  if (members.size === 0) throw broken('there is no file in it')
  return [...members.values()]
}
