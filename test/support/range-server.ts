import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A web server that offers one file by ranges, and misbehaves where a test wants it to. */
export interface RangeServer {
  readonly port: number
  /** The ranges asked for so far; empty for a request without one. */
  readonly asked: readonly string[]
  /** Bytes that have left it. */
  readonly sent: () => number
  close(): Promise<void>
}

/** What is wrong with it. */
export interface RangeServerOptions {
  readonly tls?: { readonly certificate: string; readonly key: string }
  readonly etag?: () => string
  /** Answers instead of the file; undefined goes on as usual. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => true | undefined
  /** Bytes after which an answer is cut off, for as many answers as there are entries. */
  readonly cuts?: number[]
  readonly ranges?: boolean
}

/** Opens it on a free port of loopback. */
export async function openRangeServer(
  bytes: Buffer,
  { tls, etag, instead, cuts = [], ranges = true }: RangeServerOptions = {},
): Promise<RangeServer> {
  const asked: string[] = []
  let sent = 0
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (instead?.(request, response) === true) return
    const { range } = request.headers
    asked.push(range ?? '')
    const tag = etag?.()
    const isChanged = request.headers['if-range'] !== undefined && request.headers['if-range'] !== tag
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
    const isPart = ranges && from !== undefined && to !== undefined && !isChanged
    const end = Math.min(Number(to), bytes.length - 1)
    const body = isPart ? bytes.subarray(Number(from), end + 1) : bytes
    response.writeHead(isPart ? 206 : 200, {
      'content-length': body.length,
      ...(isPart ? { 'content-range': `bytes ${from}-${end}/${bytes.length}` } : {}),
      ...(tag === undefined ? {} : { etag: tag }),
    })
    const cut = body.length > 1024 ? cuts.shift() : undefined
    const part = cut === undefined ? body : body.subarray(0, cut)
    sent += part.length
    if (cut === undefined) response.end(part)
    else response.write(part, () => response.destroy())
  }
  const server =
    tls === undefined
      ? createServer(serve)
      : createSecureServer({ cert: tls.certificate, key: tls.key }, serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    sent: () => sent,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
