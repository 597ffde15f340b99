import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'

import type { Authority } from '../authority.ts'
import type { LabNetwork } from '../network.ts'
import { readBody } from '../read-body.ts'
import type { Reply } from './reply.ts'

/** A request, read to its end. */
export interface Incoming {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** Answers a request; `cut` breaks the connection instead. */
export type Answerer = (request: Incoming) => Promise<Reply | 'cut'>

/** What a server needs from the lab. */
export interface ServerOptions {
  readonly hosts: readonly string[]
  readonly network: LabNetwork
  readonly authority: Authority
  /** Whether the tenant is in maintenance; every answer says so. */
  readonly isReadOnly: () => boolean
  /** Milliseconds since the epoch that answers are dated by. */
  readonly now: () => number
  readonly answer: Answerer
}

const MAX_BODY = 1024 * 1024

/** Listens with TLS under every host name, on port 443. */
export async function openServer({
  hosts,
  network,
  authority,
  answer,
  isReadOnly,
  now,
}: ServerOptions): Promise<{
  close(): Promise<void>
}> {
  const [commonName = 'zia'] = hosts
  const { certificate, key } = await authority.issue({ commonName, names: hosts })
  const server = createServer({ cert: certificate, key }, (request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  })
  server.on('tlsClientError', (_, socket) => socket.destroy())

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const incoming = await read(request)
    const reply = incoming === undefined ? { status: 413 } : await answer(incoming)
    if (reply === 'cut') return void request.socket.destroy()
    const isText = typeof reply.body === 'string'
    const text = typeof reply.body === 'string' ? reply.body : (JSON.stringify(reply.body) ?? '')
    response.writeHead(reply.status, {
      'content-type': isText ? 'text/html' : 'application/json',
      'cache-control': 'no-store',
      server: 'Zscaler',
      date: new Date(now()).toUTCString(),
      'x-zscaler-mode': isReadOnly() ? 'read-only' : 'read-write',
      'x-transaction-id': randomUUID(),
      'x-oneapi-request-id': randomUUID(),
      // The gateway's counters say nothing about an endpoint's own limits.
      'x-ratelimit-limit': '5000, 5000;w=60',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-reset': '60',
      ...(reply.status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
      ...reply.headers,
    })
    response.end(text)
  }

  const listeners = await Promise.all(
    hosts.map((host) => network.listen({ host, port: 443 }, (socket) => server.emit('connection', socket))),
  )
  return {
    async close() {
      server.closeAllConnections()
      await Promise.all(listeners.map((listener) => listener.close()))
    },
  }
}

async function read(request: IncomingMessage): Promise<Incoming | undefined> {
  const text = await readBody(request, { most: MAX_BODY })
  if (text === undefined) return undefined
  const { method = 'GET', headers } = request
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const url = new URL(request.url ?? '/', 'https://lab')
  return { method, host, path: url.pathname, query: url.searchParams, headers, text }
}
