const BLOCK = 512

/** A server gives up on an archive whose member has not begun after so many headers. */
const MAX_HEADERS = 1000

/** Reads one member out of an archive that comes as a stream, and nothing after it. Gives nothing where it is not in it. */
export async function* readTarMember(
  archive: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer, boolean> {
  const source = createReader(archive)
  for (let headers = 0; headers < MAX_HEADERS; headers++) {
    const head = await source.take(BLOCK)
    if (head.length < BLOCK || head.every((byte) => byte === 0)) return false
    const size = sizeOf(head)
    if (size === undefined) return false
    if (nameOf(head) === name) {
      for await (const chunk of source.pass(size)) yield chunk
      return true
    }
    for await (const _ of source.pass(size + (-size & (BLOCK - 1)))) continue
  }
  return false
}

interface Reader {
  /** So many bytes, or fewer at the end. */
  take(length: number): Promise<Buffer>
  /** So many bytes, as they come. */
  pass(length: number): AsyncGenerator<Buffer>
}

function createReader(archive: AsyncIterable<Buffer>): Reader {
  const chunks = archive[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)

  async function* pass(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (rest.length === 0) {
        const next = await chunks.next()
        if (next.done === true) return
        rest = next.value
      }
      const piece = rest.subarray(0, left)
      rest = rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  return {
    pass,
    async take(length) {
      const pieces: Buffer[] = []
      for await (const piece of pass(length)) pieces.push(piece)
      return Buffer.concat(pieces)
    },
  }
}

const textIn = (head: Buffer, start: number, length: number): string =>
  head.toString('utf8', start, start + length).replace(/\0.*$/s, '')

function nameOf(head: Buffer): string {
  const prefix = textIn(head, 257, 5) === 'ustar' ? textIn(head, 345, 155) : ''
  return prefix === '' ? textIn(head, 0, 100) : `${prefix}/${textIn(head, 0, 100)}`
}

// Octal digits, or base 256 where the top bit is set: disks of more than 8 GiB.
function sizeOf(head: Buffer): number | undefined {
  const isBinary = ((head[124] ?? 0) & 0x80) !== 0
  const size = isBinary
    ? Number(head.readBigUInt64BE(128))
    : Number.parseInt(textIn(head, 124, 12).trim() || '0', 8)
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined
}
