import { once, setMaxListeners } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { callbackify } from 'node:util'

import { isBreak, openSocket, type Address, type Dial } from './dial.ts'
import { VimError } from './error.ts'
import { openTls, type Trust } from './tls.ts'

/** One HTTP request with a body that fits in memory. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
  /** Milliseconds of silence after which the connection is given up; before that, of trying to get one. */
  readonly timeout: number
}

/** An answer, read to its end. */
export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** HTTPS to one server over connections that are kept and used again. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  close(): void
}

/** Milliseconds after which an unused connection is closed, before the server does it in the middle of a request. */
const IDLE = 20_000

/** Milliseconds of silence after which the system asks whether the other side is still there, and soon gives it up. */
const PROBE_AFTER = 30_000

const MAX_BODY = 64 * 1024 * 1024

/** Reads an answer to its end, but no more than 64 MiB. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  // Not `for await`, whose iterator costs more than the rest of reading an answer: a run reads tens of thousands.
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BODY) chunks.push(chunk)
    else response.destroy(new VimError('protocol', `an answer of more than ${MAX_BODY} bytes`))
  })
  await once(response, 'end')
  return Buffer.concat(chunks)
}

/** What a page says that is no answer of ours, such as a proxy's: its text, without markup, in quotation marks and cut short. */
export function quotePage(body: Buffer): string {
  const page = body
    .toString('utf8', 0, 400)
    .replaceAll(/(<[^>]*>|\s)+/g, ' ')
    .trim()
    .slice(0, 120)
  return page === '' ? 'nothing' : `“${page}”`
}

// An agent with a connection of our own making: http's, because the socket it gets already speaks TLS.
function createAgent(open: () => Promise<Socket>): Agent {
  const agent = new Agent({
    keepAlive: true,
    keepAliveMsecs: PROBE_AFTER,
    scheduling: 'lifo',
    timeout: IDLE,
  })
  return Object.assign(agent, {
    createConnection: (_options: unknown, done: (error: unknown, socket?: Socket) => void): void => {
      // The agent itself probes only what comes back to it, and a first question may be one that is held for long.
      callbackify(async () => (await open()).setKeepAlive(true, PROBE_AFTER))(done)
    },
  })
}

// What came is neither TLS nor HTTP any more.
function isGarbage(error: unknown): error is Error {
  return error instanceof Error && /^(HPE|ERR_SSL)_/.test((error as NodeJS.ErrnoException).code ?? '')
}

function explain(cause: unknown, { host, port }: Address): unknown {
  if (cause instanceof VimError) return cause
  if (!isBreak(cause) && !isGarbage(cause)) return cause
  return new VimError('connection', `the connection to ${host}:${port} broke: ${cause.message}`, { cause })
}

/** Makes a client for one server. */
export function createHttpClient(
  address: Address,
  { dial, trust }: { readonly dial: Dial; readonly trust: Trust },
): HttpClient {
  const closing = new AbortController()
  const lifetime = closing.signal
  setMaxListeners(0, lifetime)
  const agent = createAgent(async () =>
    openTls(await openSocket(dial, address, lifetime), { ...address, ...trust, signal: lifetime }),
  )
  const authority = address.port === 443 ? address.host : `${address.host}:${address.port}`

  return {
    async request({ method, path, headers, body, signal, timeout }) {
      signal.throwIfAborted()
      const outgoing = request({
        agent,
        method,
        path,
        host: address.host,
        port: address.port,
        headers: {
          ...headers,
          host: authority,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
        timeout,
      })
      // What breaks once the answer has begun is an error of the answer, which somebody waits for, and which does not know why.
      let reason: unknown
      outgoing.on('error', (error) => (reason ??= error))
      // Not the option `signal`, which has the whole stream watched for its sake.
      const over = new AbortController()
      // A request that has no connection yet says nothing when it is destroyed.
      const giveUp = (): void => {
        outgoing.destroy()
        over.abort()
      }
      signal.addEventListener('abort', giveUp, { once: true })
      const endSilence = (): void => {
        const seconds = timeout / 1000
        reason = new VimError(
          'timeout',
          `${authority} did not answer ${method} ${path} within ${seconds} s`,
          {
            hint: 'look whether the server is overloaded, or something between here and there swallows packets',
          },
        )
        giveUp()
      }
      outgoing.on('timeout', endSilence)
      const connecting = setTimeout(endSilence, timeout)
      outgoing.once('socket', () => clearTimeout(connecting))
      try {
        outgoing.end(body)
        const [response] = (await once(outgoing, 'response', { signal: over.signal })) as [IncomingMessage]
        return { status: response.statusCode ?? 0, headers: response.headers, body: await readBody(response) }
      } catch (cause) {
        signal.throwIfAborted()
        throw explain(reason ?? cause, address)
      } finally {
        clearTimeout(connecting)
        signal.removeEventListener('abort', giveUp)
      }
    },
    close() {
      closing.abort()
      agent.destroy()
    },
  }
}
