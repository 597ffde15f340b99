import type { IncomingMessage } from 'node:http'

/** The whole body of a request as text; nothing where it has more than `most` bytes, of which no more are kept. */
export async function readBody(
  request: IncomingMessage,
  { most }: { readonly most: number },
): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
