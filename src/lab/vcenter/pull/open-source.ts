import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import type { Value } from '../../../connect/govmomi/schema/values.ts'
import { faults } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'

/** A file as the client says where it is to be fetched from. */
export type Source = Value<'HttpNfcLeaseSourceFile'>

/** Opens a file on a web server, as the vCenter does in pull mode. Throws a fault; the stream ends with `signal`. */
export async function openSource(
  world: World,
  source: Source,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = parseUrl(source.url)
  const address = { host: url.hostname.replaceAll(/^\[|\]$/g, ''), port: portOf(url) }
  let socket: Socket
  try {
    socket = await world.dial(address, { signal })
  } catch (cause) {
    throw faults.http(0, `${url.host} cannot be reached: ${(cause as Error).message}`)
  }
  try {
    const stream = url.protocol === 'https:' ? await secure(world, socket, { source, url, signal }) : socket
    const outgoing = request({
      createConnection: () => stream,
      path: url.pathname + url.search,
      headers: {
        ...Object.fromEntries(source.httpHeaders.map(({ key, value }) => [key, value])),
        host: url.host,
        connection: 'close',
      },
      signal,
    })
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    if (response.statusCode === 200) return response
    response.resume()
    throw faults.http(response.statusCode ?? 0, response.statusMessage ?? '')
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text)
    if (url.protocol === 'https:' || url.protocol === 'http:') return url
  } catch {
    // Falls through: the reason is the same for the client.
  }
  throw faults.invalidArgument('files.url')
}

function portOf({ protocol, port }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

const plain = (thumbprint: string): string => thumbprint.replaceAll(/[^0-9a-f]/gi, '').toLowerCase()

async function secure(
  world: World,
  socket: Socket,
  { source, url, signal }: { readonly source: Source; readonly url: URL; readonly signal: AbortSignal },
): Promise<Socket> {
  const pinned = source.sslThumbprint
  const stream = connectTls({
    socket,
    servername: url.hostname,
    ca: [...world.trusted],
    rejectUnauthorized: pinned === undefined,
  })
  try {
    await once(stream, 'secureConnect', { signal })
  } catch (cause) {
    throw faults.http(0, `the certificate of ${url.host} is not trusted: ${(cause as Error).message}`)
  }
  const { fingerprint, fingerprint256 } = stream.getPeerCertificate()
  const isMeant =
    pinned === undefined || [fingerprint, fingerprint256].some((each) => plain(each) === plain(pinned))
  if (!isMeant) throw faults.http(0, `the certificate of ${url.host} is not the announced one`)
  return stream
}
