import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

import { VimError } from './error.ts'
import { readBody } from './http.ts'
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
  readonly open: () => Readable
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
}

/** Milliseconds after which a host that neither takes nor says anything is given up. */
const SILENCE = 120_000

function resolveUrl(
  url: string,
  { host, port }: Session['address'],
): { host: string; port: number; path: string } {
  let parsed: URL
  try {
    parsed = new URL(url.replace('//*', `//${host}:${port}`))
  } catch (cause) {
    throw new VimError('protocol', `the server wants an upload to “${url.slice(0, 120)}”, which is no URL`, {
      cause,
    })
  }
  if (parsed.protocol !== 'https:') {
    throw new VimError('protocol', `the server wants an upload to ${parsed.origin}, which is not encrypted`)
  }
  return {
    host: parsed.hostname.replaceAll(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 443 : Number(parsed.port),
    path: parsed.pathname + parsed.search,
  }
}

interface Writing {
  readonly from: Readable
  readonly signal: AbortSignal
  readonly onChunk: (chunk: Buffer) => void
}

// Not a pipeline: that takes a host which closes its connection right after its answer for one that broke it.
async function writeAll(to: ClientRequest, { from, signal, onChunk }: Writing): Promise<void> {
  const gone = new AbortController()
  to.once('close', () => gone.abort(new VimError('connection', 'the host closed the connection')))
  const until = AbortSignal.any([signal, gone.signal])
  for await (const chunk of from) {
    until.throwIfAborted()
    onChunk(chunk as Buffer)
    if (!to.write(chunk)) await once(to, 'drain', { signal: until })
  }
  to.end()
}

/**
 * Sends a file to a host, at the pace at which the host takes it, and compares its digest on the way. Throws a `VimError`;
 * the connection is closed in any case.
 */
export async function sendFile(session: Session, upload: Upload): Promise<void> {
  const { name, url, thumbprint, size, digest, create, open, signal, onBytes } = upload
  const { host, port, path } = resolveUrl(url, session.address)
  const trust =
    thumbprint === undefined || thumbprint === ''
      ? session.trust
      : { trusted: session.trust.trusted, thumbprint: parseThumbprint(thumbprint) }
  const socket = await openTls(await session.dial({ host, port }, { signal }), { host, ...trust, signal })
  socket.setTimeout(SILENCE, () => {
    socket.destroy(new VimError('timeout', `${host} took nothing of ${name} for ${SILENCE / 1000} s`))
  })
  try {
    const outgoing = request({
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
    const hash = digest === undefined ? undefined : createHash(digest.algorithm)
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    let handedOver = 0
    const sent = writeAll(outgoing, {
      from: open(),
      signal,
      onChunk(chunk) {
        hash?.update(chunk)
        handedOver += chunk.length
        onBytes(chunk.length)
      },
    }).then(() => answered)
    // A host that refuses answers before the file is through: its words say more than the broken pipe.
    const [response] = await Promise.race([answered, sent])
    const status = response.statusCode ?? 0
    const body = await readBody(response)
    if (status !== 200 && status !== 201) {
      throw new VimError(
        'protocol',
        `${host} refused ${name} with HTTP ${status}: ${body.toString('utf8', 0, 120)}`,
      )
    }
    // A quick host answers between the last byte and the moment at which we notice that there is no more.
    if (handedOver < size) throw new VimError('protocol', `${host} answered before all of ${name} was sent`)
    if (hash !== undefined && hash.digest('hex') !== digest?.hex) {
      throw new VimError(
        'archive',
        `${name} is not what the manifest says: the image was changed or damaged`,
        {
          hint: 'download the image again',
        },
      )
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof VimError) throw cause
    throw new VimError(
      'connection',
      `the upload of ${name} to ${host}:${port} broke: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  } finally {
    socket.destroy()
  }
}
