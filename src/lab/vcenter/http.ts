import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'

import type { Issued } from '../authority.ts'
import { readBody } from '../read-body.ts'
import { serveFolder } from './folder.ts'
import type { World } from './model/world.ts'
import { hasPrivilege } from './privileges.ts'
import { serveCall } from './soap.ts'
import { findUpload, receiveUpload } from './upload.ts'

const MAX_BODY = 64 * 2 ** 20

/** How late the answer to a request is that was made slow, in milliseconds of the lab's time. */
const SLOW = 30_000

const PROXY_PAGE =
  '<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>'

const VERSIONS = `<?xml version="1.0" encoding="UTF-8" ?>
<namespaces version="1.0">
 <namespace>
  <name>urn:vim25</name>
  <version>8.0.3.0</version>
  <priorVersions>
   <version>8.0.2.0</version>
   <version>8.0.1.0</version>
   <version>7.0.3.0</version>
   <version>6.7</version>
   <version>6.5</version>
  </priorVersions>
 </namespace>
</namespaces>
`

/** Makes the HTTPS server; sockets are handed to it by `emit('connection', socket)`. */
export function createHttp(world: World, { certificate, key }: Issued): Server {
  const server = createServer({ cert: certificate, key }, (request, response) => {
    serve(world, request, response).catch(() => response.destroy())
  })
  // Clients keep connections for as long as they like; the lab's listener ends them all.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  return server
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (world.faults.take('unavailable')) {
    request.resume()
    return send(response, 503, { type: 'text/html', body: PROXY_PAGE })
  }
  if (world.faults.take('slow')) await world.clock.sleep(SLOW, { signal: world.signal })
  const url = new URL(request.url ?? '/', 'https://lab')
  if (url.pathname === '/sdk' || url.pathname === '/sdk/') return serveSoap(world, request, response)
  if (url.pathname.startsWith('/nfc/')) return serveUpload(world, request, response)
  request.resume()
  if (url.pathname === '/sdk/vimServiceVersions.xml')
    return send(response, 200, { type: 'text/xml', body: VERSIONS })
  if (url.pathname === '/screen') return serveScreen(world, request, response)
  if (url.pathname.startsWith('/folder/'))
    return isKnown(world, request) ? serveFolder(world, request, response) : sendUnauthorized(response)
  return send(response, 404, { type: 'text/html', body: '<html><body>404 Not Found</body></html>' })
}

async function serveSoap(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return send(response, 405, { type: 'text/plain', body: '' })
  const body = await readBody(request, { most: MAX_BODY })
  if (body === undefined) return send(response, 413, { type: 'text/plain', body: '' })
  const hangUp = new AbortController()
  response.once('close', () => hangUp.abort())
  const reply = await serveCall(world, { body, token: tokenOf(request), signal: hangUp.signal })
  const isLost = world.faults.take('lost-reply') || (reply.changed && world.faults.take('lost-change'))
  if (isLost) return void request.socket.destroy()
  if (reply.token !== undefined) {
    const ended = reply.token === '' ? '; Expires=Thu, 01 Jan 1970 00:00:00 GMT' : ''
    response.setHeader('Set-Cookie', `vmware_soap_session="${reply.token}"; Path=/; HttpOnly; Secure${ended}`)
  }
  send(response, reply.status, { type: 'text/xml; charset=utf-8', body: reply.body })
}

async function serveUpload(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (world.faults.take('upload-unavailable')) {
    request.resume()
    return send(response, 503, { type: 'text/html', body: PROXY_PAGE })
  }
  const target = findUpload(world, new URL(request.url ?? '/', 'https://lab').pathname)
  const received = target === undefined ? 404 : await receiveUpload(world, target, request)
  if (received === 'cut') return void request.socket.destroy()
  if (received === 200) world.count()
  request.resume()
  send(response, received, { type: 'text/plain', body: '' })
}

function serveScreen(world: World, request: IncomingMessage, response: ServerResponse): void {
  if (!isKnown(world, request)) return sendUnauthorized(response)
  if (!hasPrivilege(world, 'VirtualMachine.Interact.ConsoleInteract'))
    return send(response, 403, { type: 'text/plain', body: '' })
  const id = new URL(request.url ?? '/', 'https://lab').searchParams.get('id') ?? ''
  const vm = world.vms.find(id)
  if (vm?.guest === undefined || vm.state.power !== 'poweredOn')
    return send(response, 404, { type: 'text/plain', body: '' })
  send(response, 200, { type: 'image/png', body: vm.guest.screen() })
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  return /vmware_soap_session="?([0-9a-f]+)"?/.exec(headers.cookie ?? '')?.[1]
}

// By a session's cookie, or by name and password as a browser sends them.
function isKnown(world: World, request: IncomingMessage): boolean {
  if (world.sessions.find(tokenOf(request)) !== undefined) return true
  const [, encoded = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
  const { username, password } = world.seed
  return Buffer.from(encoded, 'base64').toString() === `${username}:${password.reveal()}`
}

function sendUnauthorized(response: ServerResponse): void {
  response.setHeader('WWW-Authenticate', 'Basic realm="VMware HTTP server"')
  send(response, 401, { type: 'text/plain', body: '' })
}

function send(
  response: ServerResponse,
  status: number,
  { type, body }: { readonly type: string; readonly body: string | Buffer },
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
