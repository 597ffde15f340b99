import { StringDecoder } from 'node:string_decoder'

/** Keeps the last `limit` bytes of a stream. */
export interface BoundedOutput {
  push(chunk: Buffer): void
  /** What is kept, as text, and whether anything was dropped. */
  read(): { readonly text: string; readonly truncated: boolean }
}

/** Makes an empty one. */
export function createBoundedOutput(limit: number): BoundedOutput {
  let chunks: Buffer[] = []
  let kept = 0
  let truncated = false
  return {
    push(chunk) {
      chunks.push(chunk)
      kept += chunk.length
      if (kept <= 2 * limit) return
      const all = Buffer.concat(chunks)
      chunks = [Buffer.from(all.subarray(all.length - limit))]
      kept = limit
      truncated = true
    },
    read() {
      const all = Buffer.concat(chunks)
      const short = all.length > limit ? all.subarray(all.length - limit) : all
      return { text: new StringDecoder('utf8').end(short), truncated: truncated || short !== all }
    },
  }
}
