import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'

import { parseEnvelope, renderEnvelope } from '../../../src/connect/govmomi/codec/envelope.ts'
import { encodeFault } from '../../../src/connect/govmomi/codec/fault.ts'
import { decodeRequest, type Request } from '../../../src/connect/govmomi/codec/request.ts'
import { encodeResponse } from '../../../src/connect/govmomi/codec/response.ts'
import type { OperationName } from '../../../src/connect/govmomi/schema/operations.ts'
import type { Result } from '../../../src/connect/govmomi/schema/values.ts'
import { openSession, type Session, type SessionOptions } from '../../../src/connect/govmomi/session.ts'
import { openAuthority } from '../../../src/lab/authority.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'

/** What a server says: a whole answer, or a hand on the wire. */
export type Reply = { readonly status: number; readonly body: string; readonly headers?: object } | Hand
type Hand = (response: ServerResponse, socket: TLSSocket) => void

/** What it says to a request; undefined for what a server says that is well. */
export type Script = (request: Request) => Reply | undefined

/** A server on loopback that speaks SOAP over TLS, and says what a test tells it to. */
export interface ScriptedServer {
  readonly port: number
  /** PEM of its certificate. */
  readonly certificate: string
  /** Every operation that arrived. */
  readonly seen: OperationName[]
  /** Connections that got through their handshake, and bytes that came over them. */
  readonly wire: { connections: number; bytes: number }
  script: Script
  /** What it says to what is not SOAP, by its path. */
  page: (path: string) => Reply
  open(options?: Partial<SessionOptions>): Promise<Session>
  /** Closes the sessions that were opened, and starts to count anew. */
  forget(): Promise<void>
  close(): Promise<void>
}

export const answer = <O extends OperationName>(operation: O, result: Result<O>): Reply => ({
  status: 200,
  body: renderEnvelope(encodeResponse(operation, result)),
})

export const fault = (type: string, detail: object = {}): Reply => ({
  status: 500,
  body: renderEnvelope(encodeFault({ type, message: '', detail })),
})

export const page = (status: number, headers: object = {}): Reply => ({
  status,
  headers,
  body: '<html><body><h1>The gateway is tired</h1></body></html>',
})

/** Says nothing, and leaves the client to wait. */
export const silence: Reply = () => undefined

/** Cuts the connection. */
export const reset: Reply = (_response, socket) => void socket.destroy()

const ref = (type: string): { type: string; value: string } => ({ type, value: type })

function sayWell({ operation }: Request): Reply {
  if (operation === 'RetrieveServiceContent') {
    const about = {
      name: 'VMware vCenter Server',
      fullName: 'VMware vCenter Server 8.0.3 build-1',
      vendor: 'VMware, Inc.',
      version: '8.0.3',
      build: '1',
      osType: 'linux-x64',
      productLineId: 'vpx',
      apiType: 'VirtualCenter',
      apiVersion: '8.0.3.0',
    }
    return answer('RetrieveServiceContent', {
      rootFolder: ref('Folder'),
      propertyCollector: ref('PropertyCollector'),
      sessionManager: ref('SessionManager'),
      licenseManager: ref('LicenseManager'),
      about,
    })
  }
  if (operation === 'Login') {
    const time = '2026-01-01T00:00:00Z'
    const session = {
      key: 'k',
      userName: 'u',
      fullName: 'u',
      loginTime: time,
      lastActiveTime: time,
      locale: 'en',
    }
    return {
      ...(answer('Login', { ...session, messageLocale: 'en' }) as Exclude<Reply, Hand>),
      headers: { 'set-cookie': 'vmware_soap_session="s"; Path=/; HttpOnly; Secure' },
    }
  }
  if (operation === 'CurrentTime') return answer('CurrentTime', '2026-01-01T00:00:00Z')
  return answer(operation as 'Logout', undefined)
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'scripted-'))
  const authority = await openAuthority(createDocumentStore({ folder }))
  const { certificate, key } = await authority.issue({ commonName: 'vc', names: ['127.0.0.1'] })
  const listener = createServer({ cert: certificate, key })
  const wire = { connections: 0, bytes: 0 }
  const seen: OperationName[] = []
  const sockets = new Set<TLSSocket>()
  const clock = createLabClock(1000)
  const stop = new AbortController()
  const sessions: Session[] = []

  listener.on('secureConnection', (socket) => {
    sockets.add(socket)
    wire.connections += 1
    socket.on('data', (chunk: Buffer) => (wire.bytes += chunk.length))
    socket.on('error', () => undefined)
  })
  listener.on('request', (incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      if (incoming.method === 'GET') {
        send(server.page(incoming.url ?? ''))
        return
      }
      const request = decodeRequest(parseEnvelope(Buffer.concat(chunks).toString()))
      seen.push(request.operation)
      send(server.script(request) ?? sayWell(request))
    })
    const send = (reply: Reply): void => {
      if (typeof reply === 'function') reply(response, incoming.socket as TLSSocket)
      else response.writeHead(reply.status, { 'content-type': 'text/xml', ...reply.headers }).end(reply.body)
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo

  const server: ScriptedServer = {
    port,
    certificate,
    seen,
    wire,
    script: () => undefined,
    page: () => page(404),
    async open(options = {}) {
      const session = await openSession({
        address: { host: '127.0.0.1', port },
        username: 'root',
        password: () => 'secret',
        async dial(address, { signal }) {
          const socket = connect({ ...address, noDelay: true })
          await once(socket, 'connect', { signal }).catch((error: unknown) => {
            socket.destroy()
            throw error
          })
          return socket
        },
        trusted: [authority.pem],
        signal: stop.signal,
        sleep: (ms, use) => clock.sleep(ms, use),
        ...options,
      })
      sessions.push(session)
      return session
    },
    async forget() {
      server.script = () => undefined
      server.page = () => page(404)
      await Promise.all(sessions.splice(0).map((session) => session.close()))
      for (const socket of sockets) socket.destroy()
      sockets.clear()
      seen.length = 0
      Object.assign(wire, { connections: 0, bytes: 0 })
    },
    async close() {
      await server.forget()
      stop.abort()
      listener.close()
      await once(listener, 'close')
      await rm(folder, { recursive: true, force: true })
    },
  }
  return server
}
