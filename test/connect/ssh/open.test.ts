import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { utils } from 'ssh2'
import { afterEach, describe, expect, test } from 'vitest'

import { fingerprintOf, openHostKeys, type HostKeys } from '../../../src/connect/host-keys.ts'
import type { ConnectOptions } from '../../../src/connect/ssh/ground.ts'
import type { OpenedClient } from '../../../src/connect/ssh/open-client.ts'
import { AuthError, ConnectError } from '../../../src/model/error.ts'
import { forever, groundOf, memoryKeys, newKey, secretOf, startServer } from './server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function server(...options: Parameters<typeof startServer>) {
  const started = await startServer(...options)
  closers.push(() => started.close())
  return started
}

async function rawServer(accept: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const tcp = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    accept(socket)
  }).listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    tcp.close()
  })
  return (tcp.address() as AddressInfo).port
}

/** Logs in. */
function open(
  port: number,
  given: { password?: string; hostKeys?: HostKeys } & Partial<ConnectOptions> = {},
): Promise<OpenedClient> {
  const { password = 'right', hostKeys, ...rest } = given
  return groundOf(hostKeys === undefined ? {} : { hostKeys }).connect(
    { host: '127.0.0.1', port, username: 'zsroot', password: secretOf(password) },
    { policy: 'first-use', signal: forever, ...rest },
  )
}

describe('opening an SSH connection', () => {
  test('gives the password by keyboard-interactive where the server offers it', async () => {
    const { port, attempts } = await server()
    const { client } = await open(port)
    client.end()
    expect(attempts).toEqual([{ method: 'keyboard-interactive', password: 'right' }])
  })

  test('falls back to the password method where there is nothing else', async () => {
    const { port, attempts } = await server({ methods: ['password'] })
    const { client } = await open(port)
    client.end()
    expect(attempts).toEqual([{ method: 'password', password: 'right' }])
  })

  test('tries a refused password exactly once and calls it an AuthError', async () => {
    const { port, attempts } = await server()
    await expect(open(port, { password: 'wrong' })).rejects.toThrow(AuthError)
    expect(attempts).toEqual([{ method: 'keyboard-interactive', password: 'wrong' }])
  })

  test('calls a server that offers only keys an AuthError without sending the password', async () => {
    const { port, attempts } = await server({ methods: ['publickey'] })
    await expect(open(port)).rejects.toThrow(AuthError)
    expect(attempts).toEqual([])
  })

  test('keeps the first host key where the policy is first-use', async () => {
    const hostKeys = memoryKeys()
    const { port } = await server()
    const { client, fingerprint } = await open(port, { hostKeys })
    client.end()
    expect(hostKeys.learned).toEqual([{ fingerprint, source: 'first-use' }])
    expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
  })

  test.each([256, 384, 521] as const)('knows an ECDSA host key over P-%i', async (bits) => {
    const { private: hostKey } = utils.generateKeyPairSync('ecdsa', { bits })
    const { port } = await server({ hostKey })
    const { client, fingerprint } = await open(port)
    client.end()
    expect(fingerprint).toMatch(/^SHA256:/)
  })

  test('takes back that a machine is awaited whose key known_hosts has', async () => {
    const hostKey = newKey()
    const parsed = utils.parseKey(hostKey)
    if (parsed instanceof Error) throw parsed
    const { port } = await server({ hostKey })
    const folder = await mkdtemp(join(tmpdir(), 'known-hosts-'))
    closers.push(() => rm(folder, { recursive: true }))
    const path = join(folder, 'known_hosts')
    await writeFile(path, `[127.0.0.1]:${port} ssh-ed25519 ${parsed.getPublicSSH().toString('base64')}\n`)
    const hop = { host: '127.0.0.1', port, username: 'zsroot', password: secretOf('right') }
    for (const awaited of [false, true]) {
      const hostKeys = await openHostKeys({ path: join(folder, `${awaited}.json`) })
      if (awaited) await hostKeys.forget(hop)
      const ground = groundOf({ hostKeys, knownHosts: [path] })
      const { client } = await ground.connect(hop, { policy: 'announced', signal: forever })
      client.end()
      expect([hostKeys.isAwaited(hop), hostKeys.find(hop) !== undefined]).toEqual([false, awaited])
    }
  })

  test('accepts an announced key and refuses one that nobody announced', async () => {
    const hostKey = newKey()
    const parsed = utils.parseKey(hostKey)
    if (parsed instanceof Error) throw parsed
    const fingerprint = fingerprintOf(parsed.getPublicSSH())
    const { port, attempts } = await server({ hostKey })
    const known = memoryKeys({ fingerprint, source: 'console' })
    const { client } = await open(port, { hostKeys: known, policy: 'announced' })
    client.end()
    attempts.length = 0
    await expect(open(port, { policy: 'announced' })).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringContaining(fingerprint),
    })
    expect(attempts).toEqual([])
  })

  test('refuses a changed host key with both fingerprints, before any password is sent', async () => {
    const expected = `SHA256:${'A'.repeat(43)}`
    const { port, attempts } = await server()
    const opening = open(port, { hostKeys: memoryKeys({ fingerprint: expected, source: 'console' }) })
    const error = await opening.catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ kind: 'host-key' })
    expect((error as Error).message.match(/SHA256:/g)).toHaveLength(2)
    expect((error as Error).message).toContain(expected)
    expect(attempts).toEqual([])
  })

  test('names a refused port', async () => {
    const port = await rawServer(() => undefined)
    for (const close of closers.splice(0)) await close()
    await expect(open(port)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('times out on a server that says nothing', async () => {
    const port = await rawServer(() => undefined)
    await expect(open(port, { timeouts: { banner: 0.1 } })).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('times out on a server that greets and then says nothing', async () => {
    const port = await rawServer((socket) => socket.write('SSH-2.0-slow\r\n'))
    await expect(open(port, { timeouts: { handshake: 0.1 } })).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('reports a server that hangs up as reset', async () => {
    const port = await rawServer((socket) => socket.destroy())
    await expect(open(port)).rejects.toMatchObject({ code: 'CONNECT', kind: 'reset' })
  })

  test('refuses what is no SSH server', async () => {
    const port = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect(open(port)).rejects.toMatchObject({ code: 'CONNECT' })
  })

  test('refuses a server that greets without end', async () => {
    const port = await rawServer((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(`${'x'.repeat(1000)}\r\n`));
      }
      socket.on('drain', more)
      more()
    })
    await expect(open(port, { timeouts: { handshake: 1 } })).rejects.toMatchObject({ code: 'CONNECT' })
  })

  test('stops at once when the run is cancelled', async () => {
    const port = await rawServer(() => undefined)
    const control = new AbortController()
    const opening = open(port, { signal: control.signal })
    control.abort(new Error('cancelled'))
    await expect(opening).rejects.toThrow('cancelled')
  })
})
