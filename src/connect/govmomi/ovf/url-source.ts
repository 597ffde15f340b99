import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

import { openSocket, type Dial } from '../dial.ts'
import { VimError } from '../error.ts'
import type { Sleep } from '../sleep.ts'
import { renderSha1Thumbprint } from '../thumbprint.ts'
import { openTls, type Trust } from '../tls.ts'
import type { Origin } from './archive.ts'
import { showUrl } from './show-url.ts'
import type { ByteRange, ByteSource } from './source.ts'

/** How a web server is reached. */
export interface UrlOptions {
  readonly dial: Dial
  readonly trust: Trust
  readonly sleep: Sleep
  readonly signal: AbortSignal
}

/** Bytes behind a URL. */
export interface UrlSource extends ByteSource {
  readonly origin: Origin
}

/** Milliseconds after which a web server that says nothing is given up. */
const SILENCE = 60_000

const MAX_REDIRECTS = 5

/** Pauses before a stream that broke is taken up where it broke, in milliseconds. */
const AGAIN_AFTER = [1000, 5000, 20_000]

const MAX_READ = 64 * 1024 * 1024

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

interface Answer {
  readonly response: IncomingMessage
  readonly thumbprint: string | undefined
  readonly close: () => void
}

function parseUrl(url: string, base?: URL): URL {
  const parsed = URL.canParse(url, base?.href) ? new URL(url, base?.href) : undefined
  if (parsed === undefined || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw new VimError(
      'archive',
      `“${showUrl(url).slice(0, 120)}” is not a URL that an image can be fetched from`,
      {
        hint: 'write an http or https URL without user name and password',
      },
    )
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new VimError(
      'archive',
      `the URL of the image at ${parsed.host} has a user name or password in it`,
      {
        hint: 'name one that needs neither; nobody sends them, and they would be seen',
      },
    )
  }
  if (parsed.protocol === 'http:' && base?.protocol === 'https:') {
    throw new VimError('tls', `${base.host} sends on to ${parsed.host} without encryption`)
  }
  return parsed
}

async function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { dial, trust, signal }: UrlOptions,
): Promise<Answer> {
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  const port = Number(url.port === '' ? (isTls ? 443 : 80) : url.port)
  const plain = await openSocket(dial, { host, port }, signal)
  const tls = isTls ? await openTls(plain, { host, port, ...trust, signal }) : undefined
  const socket = tls ?? plain
  socket.setTimeout(SILENCE, () => {
    socket.destroy(new VimError('timeout', `${url.host} said nothing for ${SILENCE / 1000} s`))
  })
  try {
    const outgoing = request({
      createConnection: () => socket,
      method: 'GET',
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host, 'accept-encoding': 'identity', connection: 'close' },
      signal,
    })
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    const thumbprint = tls === undefined ? undefined : renderSha1Thumbprint(tls.getPeerCertificate().raw)
    return { response, thumbprint, close: () => socket.destroy() }
  } catch (cause) {
    socket.destroy()
    signal.throwIfAborted()
    if (cause instanceof VimError) throw cause
    throw new VimError('connection', `${url.host} broke off: ${(cause as Error).message}`, { cause })
  }
}

const rangeOf = ({ offset, size }: ByteRange): Record<string, string> => ({
  range: `bytes=${offset}-${offset + size - 1}`,
})

function parseTotal({ headers }: IncomingMessage, { offset, size }: ByteRange): number | undefined {
  const [, from, to, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers['content-range'] ?? '') ?? []
  if (Number(from) !== offset || Number(to) >= offset + size) return undefined
  return Number(total)
}

function refuse(url: URL, { statusCode = 0 }: IncomingMessage): VimError {
  if (statusCode === 200) {
    return new VimError('protocol', `${url.host} sends the image only as a whole`, {
      hint: 'download the image, and name the file',
    })
  }
  const code = statusCode >= 500 ? 'connection' : 'not-found'
  return new VimError(code, `${url.host} answers HTTP ${statusCode} for the image`, {
    hint: 'open the URL in a browser; it may have expired',
  })
}

/** What was found out about a URL at first, and has to stay so. */
interface Located {
  readonly url: URL
  readonly total: number
  readonly tag: string | undefined
  readonly thumbprint: string | undefined
}

async function locate(text: string, options: UrlOptions): Promise<Located> {
  const range = { offset: 0, size: 512 }
  let url = parseUrl(text)
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const { response, thumbprint, close } = await ask(url, rangeOf(range), options)
    close()
    const { statusCode = 0, headers } = response
    if (REDIRECTS.has(statusCode) && headers.location !== undefined) {
      url = parseUrl(headers.location, url)
      continue
    }
    const total = statusCode === 206 ? parseTotal(response, range) : undefined
    if (total === undefined) throw refuse(url, response)
    // A weak tag says that the content means the same, not that its bytes are the same.
    const tag = headers.etag?.startsWith('W/') === true ? undefined : headers.etag
    return { url, total, tag, thumbprint }
  }
  throw new VimError('protocol', `${url.host} sends on more than ${MAX_REDIRECTS} times`)
}

const isPassing = (error: unknown): boolean =>
  error instanceof VimError && (error.code === 'connection' || error.code === 'timeout')

/**
 * Opens what is behind an http or https URL, on a server that offers ranges; redirects are followed. What changes while it is
 * read is refused. Throws a `VimError`.
 */
export async function openUrlSource(text: string, options: UrlOptions): Promise<UrlSource> {
  const { url, total, tag, thumbprint } = await locate(text, options)

  async function* receive(range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const headers = { ...rangeOf(range), ...(tag === undefined ? {} : { 'if-range': tag }) }
    const { response, close } = await ask(url, headers, { ...options, signal })
    try {
      if (response.statusCode !== 206 || parseTotal(response, range) !== total) {
        if (response.statusCode !== 200 && response.statusCode !== 206) throw refuse(url, response)
        throw new VimError('archive', `the image at ${url.host} changed while it was read`, {
          hint: 'run again',
        })
      }
      for await (const chunk of response as AsyncIterable<Buffer>) yield chunk
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof VimError) throw cause
      throw new VimError('connection', `${url.host} broke off: ${(cause as Error).message}`, { cause })
    } finally {
      close()
    }
  }

  async function* stream({ offset, size }: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const pauses = [...AGAIN_AFTER]
    for (let got = 0; got < size;) {
      try {
        for await (const chunk of receive({ offset: offset + got, size: size - got }, signal)) {
          got += chunk.length
          if (got > size) throw new VimError('protocol', `${url.host} sends more than it was asked for`)
          yield chunk
        }
        if (got < size)
          throw new VimError('connection', `${url.host} broke off ${size - got} bytes too early`)
      } catch (error) {
        const pause = pauses.shift()
        if (pause === undefined || !isPassing(error)) throw error
        await options.sleep(pause, { signal })
      }
    }
  }

  return {
    size: total,
    origin: { url: url.href, thumbprint },
    async read(range, { signal = options.signal } = {}) {
      if (range.offset + range.size > total || range.size > MAX_READ) {
        throw new VimError('archive', 'the image ends in the middle of a file')
      }
      const chunks: Buffer[] = []
      for await (const chunk of stream(range, signal)) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    stream: (range, { signal = options.signal } = {}) => stream(range, signal),
    close: () => Promise.resolve(),
  }
}
