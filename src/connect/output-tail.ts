/** The last bytes of a stream, never more than a bound. */
export interface OutputTail {
  push(chunk: Uint8Array): void
  /** Whether anything was dropped. */
  readonly truncated: boolean
  /** What is kept, as UTF-8; it begins with a whole character. */
  text(): string
}

/** Bytes up to which neighbouring chunks are kept as one. */
const SMALL = 1024

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Keeps the last `limit` bytes: what a command says last is what explains how it ended. */
export function createOutputTail(limit: number): OutputTail {
  const chunks: Uint8Array[] = []
  let size = 0
  let truncated = false
  return {
    get truncated() {
      return truncated
    },
    push(chunk) {
      const last = chunks.at(-1)
      // A stream that comes in single bytes would cost a hundred times what it says.
      if (last !== undefined && last.length + chunk.length <= SMALL)
        chunks.splice(-1, 1, Buffer.concat([last, chunk]))
      else chunks.push(chunk)
      size += chunk.length
      while (size > limit) {
        const first = chunks.shift() ?? new Uint8Array()
        const kept = first.subarray(Math.min(first.length, size - limit))
        size -= first.length - kept.length
        truncated = true
        if (kept.length > 0) chunks.unshift(kept)
      }
    },
    text() {
      const bytes = Buffer.concat(chunks)
      let start = 0
      if (truncated) while (start < 3 && isContinuation(bytes[start])) start++
      return bytes.toString('utf8', start)
    },
  }
}
