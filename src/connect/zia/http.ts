import { isIP } from 'node:net'
import { connect as connectTls, createSecureContext, rootCertificates, type TLSSocket } from 'node:tls'

import type { Agent, Dispatcher } from 'undici'

import { ConnectError, messageOf, RunbookError } from '../../model/error.ts'
import type { Network } from '../../model/network.ts'
import { LostAnswerError } from './error.ts'

/** One HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** One HTTP answer, whole. */
export interface HttpAnswer {
  readonly status: number
  /** By lower-case name; the first of several, except cookies, which are joined by line breaks. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A way to send HTTPS requests, with its pool of connections. */
export interface Http {
  /** Sends a request. A connection that cannot be made is a `ConnectError`; a lost answer a `LostAnswerError`. */
  send(request: HttpRequest, options: { readonly signal: AbortSignal }): Promise<HttpAnswer>
  close(): Promise<void>
}

/** How the world is dialled, and how long an answer may take. */
export interface HttpOptions {
  readonly network: Network
  /** Stops what is being dialled; each request has a signal of its own. */
  readonly signal: AbortSignal
  /** Milliseconds of the wall's clock, because networks know no other. A lock holds a request for 30 s before it answers. */
  readonly patience?: number | undefined
}

/** The largest page of objects is far below this. */
const MAX_ANSWER = 32 * 1024 * 1024
const PATIENCE = 90_000

/** Opens a way to send HTTPS requests through the run's network. The only door for undici. */
export async function openHttp({ network, signal, patience = PATIENCE }: HttpOptions): Promise<Http> {
  const { Agent } = await import('undici')
  const context = createSecureContext(
    network.trusted.length === 0 ? {} : { ca: [...rootCertificates, ...network.trusted] },
  )

  async function dial(hostname: string, port: number): Promise<TLSSocket> {
    const socket = await network.dial({ host: hostname, port }, { signal })
    const secure = connectTls({
      socket,
      secureContext: context,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(hostname) === 0 ? { servername: hostname } : { host: hostname }),
    })
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        socket.destroy()
        reject(untrusted(`${hostname}:${port}`, cause))
      }
      secure.once('error', fail)
      secure.once('secureConnect', () => {
        secure.off('error', fail)
        resolve(secure)
      })
    })
  }

  const agent = new Agent({
    connections: 4,
    pipelining: 1,
    headersTimeout: patience,
    bodyTimeout: patience,
    connect: ({ hostname, port }, callback) => {
      void hand(dial(hostname, port === '' ? 443 : Number(port)), callback)
    },
  })

  return {
    async send(request, { signal }) {
      try {
        return await exchange(agent, request, signal)
      } catch (cause) {
        signal.throwIfAborted()
        throw cause instanceof RunbookError ? cause : lost(request, cause)
      }
    },
    close: () => agent.destroy(),
  }
}

type Take = (...taken: [null, TLSSocket] | [Error, null]) => void

/** Hands a connection to undici, which takes callbacks. */
async function hand(dialling: Promise<TLSSocket>, take: Take): Promise<void> {
  let socket: TLSSocket
  try {
    socket = await dialling
  } catch (error) {
    return take(error as Error, null)
  }
  take(null, socket)
}

async function exchange(agent: Agent, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { origin, pathname, search } = new URL(request.url)
  const { statusCode, headers, body } = await agent.request({
    origin,
    path: pathname + search,
    method: request.method,
    headers: request.headers,
    body: request.body ?? null,
    signal,
  })
  return { status: statusCode, headers: flatten(headers), text: await readBody(request, body) }
}

async function readBody(request: HttpRequest, body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER) {
      throw new ConnectError(
        'protocol',
        `${nameOf(request)} answered more than ${MAX_ANSWER / 1048576} MiB`,
        {
          hint: 'nothing that ZIA answers is that large; check that the URL is the API’s',
        },
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat = Object.entries(headers).map(([name, value]): [string, string] => {
    if (!Array.isArray(value)) return [name, value ?? '']
    return [name, name === 'set-cookie' ? value.join('\n') : (value[0] ?? '')]
  })
  return Object.fromEntries(flat)
}

const nameOf = ({ method, url }: HttpRequest): string => {
  const { host, pathname } = new URL(url)
  return `${method} https://${host}${pathname}`
}

function lost(request: HttpRequest, cause: unknown): LostAnswerError {
  const late = cause instanceof Error && /timeout/i.test(cause.name)
  return new LostAnswerError(
    late ? 'timeout' : 'reset',
    `${nameOf(request)} got no answer: ${messageOf(cause)}`,
    { cause, hint: 'check the way to ZIA, then run the same command again: it finds what was done' },
  )
}

function untrusted(address: string, cause: Error): ConnectError {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new ConnectError('reset', `${address} closed the connection before it was secure`, { cause })
  }
  return new ConnectError('tls', `no trusted TLS connection to ${address}: ${cause.message}`, {
    cause,
    hint: 'where a proxy inspects TLS on the way, name its root certificate in NODE_EXTRA_CA_CERTS',
  })
}
