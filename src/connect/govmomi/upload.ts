import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'

import { openSocket, type Address } from './dial.ts'
import { VimError } from './error.ts'
import { quotePage, readBody } from './http.ts'
import type { Digest } from './ovf/manifest.ts'
import type { Session } from './session.ts'
import { parseThumbprint } from './thumbprint.ts'
import { openTls } from './tls.ts'

/** A file on its way to a host. */
export interface Upload {
  /** For messages: the file's name in the archive. */
  readonly name: string
  /** Where it goes; the host `*` is the server itself. */
  readonly url: string
  /** The host's certificate as the server announced it. */
  readonly thumbprint: string | undefined
  readonly size: number
  readonly digest: Digest | undefined
  /** PUT with overwrite instead of POST: for everything that is no disk. */
  readonly create: boolean
  /** The bytes, piece by piece; each is used up before the next is asked for. */
  readonly open: (signal: AbortSignal) => AsyncIterable<Buffer>
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
}

/** Milliseconds after which a host that neither takes nor says anything is given up. */
const SILENCE = 120_000

/** Answers of something that may be better in a moment. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504])

interface Destination extends Address {
  readonly path: string
}

/** Parses the URL of an upload. An ESXi host calls itself `*`, and may leave out the port at which we have reached it. */
export function parseUploadUrl(url: string, { host, port }: Address): Destination {
  const authority = host.includes(':') ? `[${host}]` : host
  let parsed: URL
  try {
    parsed = new URL(url.replace(/^(https?:\/\/)\*(?=[:/]|$)/, (_, scheme: string) => scheme + authority))
  } catch (cause) {
    throw new VimError('protocol', `the server wants an upload to “${url.slice(0, 120)}”, which is no URL`, {
      cause,
    })
  }
  if (parsed.protocol !== 'https:') {
    throw new VimError('protocol', `the server wants an upload to ${parsed.origin}, which is not encrypted`)
  }
  const isServer = /^https:\/\/\*(?=\/|$)/.test(url)
  return {
    host: parsed.hostname.replaceAll(/^\[|\]$/g, ''),
    port: isServer ? port : Number(parsed.port === '' ? 443 : parsed.port),
    path: parsed.pathname + parsed.search,
  }
}

interface Writing {
  readonly from: AsyncIterable<Buffer>
  readonly signal: AbortSignal
  readonly onPiece: (piece: Buffer) => void
}

// Not a pipeline: that takes a host which closes its connection right after its answer for one that broke it.
async function writeAll(to: ClientRequest, { from, signal, onPiece }: Writing): Promise<void> {
  let giveUp: ((error: Error) => void) | undefined
  to.once('close', () => giveUp?.(new VimError('connection', 'the host closed the connection')))
  for await (const piece of from) {
    signal.throwIfAborted()
    const taken = new Promise<void>((resolve, reject) => {
      giveUp = reject
      to.write(piece, (error) => (error === null || error === undefined ? resolve() : reject(error)))
    })
    // Hashed while it is on its way. Only when it has gone its memory may be used again: this is what holds the pace.
    onPiece(piece)
    await taken
  }
  to.end()
}

function openRequest(
  upload: Upload,
  { host, port, path }: Destination,
  socket: NonNullable<IncomingMessage['socket']>,
): ClientRequest {
  const { create, size, signal } = upload
  return request({
    createConnection: () => socket,
    method: create ? 'PUT' : 'POST',
    path,
    headers: {
      host: port === 443 ? host : `${host}:${port}`,
      'content-length': size,
      'content-type': create ? 'application/octet-stream' : 'application/x-vnd.vmware-streamVmdk',
      ...(create ? { overwrite: 't' } : {}),
      connection: 'close',
    },
    signal,
  })
}

async function judgeAnswer(
  response: IncomingMessage,
  { name, size, host, sent }: { name: string; size: number; host: string; sent: number },
): Promise<void> {
  const status = response.statusCode ?? 0
  const body = await readBody(response)
  if (status !== 200 && status !== 201) {
    throw new VimError(
      BUSY.has(status) ? 'connection' : 'protocol',
      `${host} refused ${name} with HTTP ${status} and ${quotePage(body)}`,
      {
        hint: BUSY.has(status)
          ? 'look at the load of the host, and at a proxy between here and there; then run again'
          : 'the image goes to the host itself: look whether its own name and certificate, and no proxy, answer there',
      },
    )
  }
  // A quick host answers between the last byte and the moment at which we notice that there is no more.
  if (sent < size) throw new VimError('protocol', `${host} answered before all of ${name} was sent`)
}

/**
 * Sends a file to a host, at the pace at which the host takes it, and compares its digest on the way. Throws a `VimError`, of
 * kind `connection` or `timeout` where sending it again may help; the connection is closed in any case.
 */
export async function sendFile(session: Session, upload: Upload): Promise<void> {
  const { name, url, thumbprint, size, digest, open, signal, onBytes } = upload
  const destination = parseUploadUrl(url, session.address)
  const { host, port } = destination
  const trust =
    thumbprint === undefined || thumbprint === ''
      ? session.trust
      : {
          trusted: session.trust.trusted,
          thumbprint: parseThumbprint(thumbprint),
          remedy: 'reconnect the host in vCenter, which announces the certificate that it knows',
        }
  const plain = await openSocket(session.dial, { host, port }, signal)
  const socket = await openTls(plain, { host, port, ...trust, signal })
  socket.setTimeout(SILENCE, () => {
    const hint = 'look at the host, at its datastore, and at the network in between; then run again'
    socket.destroy(
      new VimError('timeout', `${host} took nothing of ${name} for ${SILENCE / 1000} s`, { hint }),
    )
  })
  let writing: Promise<void> | undefined
  try {
    const outgoing = openRequest(upload, destination, socket)
    const hash = digest === undefined ? undefined : createHash(digest.algorithm)
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    let sent = 0
    writing = writeAll(outgoing, {
      from: open(signal),
      signal,
      onPiece(piece) {
        hash?.update(piece)
        sent += piece.length
        onBytes(piece.length)
      },
    })
    // A host that refuses answers before the file is through: its words say more than the broken pipe.
    const [response] = await Promise.race([answered, writing.then(() => answered)])
    await judgeAnswer(response, { name, size, host, sent })
    if (hash !== undefined && hash.digest('hex') !== digest?.hex) {
      throw new VimError(
        'archive',
        `${name} is not what the manifest says: the image was changed or damaged`,
        { hint: 'download the image again' },
      )
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof VimError) throw cause
    throw new VimError(
      'connection',
      `the upload of ${name} to ${host}:${port} broke: ${(cause as Error).message}`,
      {
        hint: 'look whether a firewall or proxy between here and the host ends long connections; then run again',
        cause,
      },
    )
  } finally {
    socket.destroy()
    // Nobody may close the image while it is still being read.
    await writing?.catch(() => undefined)
  }
}
