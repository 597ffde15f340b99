import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { VimError } from '../../../src/connect/govmomi/error.ts'
import type { MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import type { Session } from '../../../src/connect/govmomi/session.ts'
import { openTls } from '../../../src/connect/govmomi/tls.ts'
import { sendFile } from '../../../src/connect/govmomi/upload.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { answer, fault, page, reset, silence, startScriptedServer, type Reply } from './scripted-server.ts'
import type { ScriptedServer } from './scripted-server.ts'

const VM = { type: 'VirtualMachine', value: 'vm-7' }
const SERVICE = { type: 'ServiceInstance', value: 'ServiceInstance' }
const { signal } = new AbortController()

let server: ScriptedServer
beforeAll(async () => {
  server = await startScriptedServer()
})
afterEach(() => server.forget())
afterAll(() => server.close())

const count = (operation: string): number => server.seen.filter((seen) => seen === operation).length
const time = (session: Session, options: { signal?: AbortSignal; timeout?: number } = {}) =>
  session.call('CurrentTime', { self: SERVICE, args: {}, signal, ...options })
const powerOn = (session: Session) => session.call('PowerOnVM_Task', { self: VM, args: {}, signal })

/** Says each of these once to an operation, and then what is well. */
function say(operation: string, replies: readonly Reply[]): void {
  const left = [...replies]
  server.script = (request) => (request.operation === operation ? left.shift() : undefined)
}

describe('the certificate of a server', () => {
  const digest = (algorithm: string): string =>
    createHash(algorithm).update(new X509Certificate(server.certificate).raw).digest('hex')

  it.each(['sha1', 'sha256'])('is enough when its %s thumbprint is pinned', async (algorithm) => {
    const session = await server.open({ trusted: [], thumbprint: digest(algorithm) })
    expect(await time(session)).toBe('2026-01-01T00:00:00Z')
  })

  it.each([
    ['nobody has signed', undefined],
    ['is not the pinned one', 'ab'.repeat(32)],
    ['is not the one pinned by SHA-1', 'ab'.repeat(20)],
  ])('ends the conversation before a byte leaves when it %s', async (_, thumbprint) => {
    await expect(server.open({ trusted: [], thumbprint })).rejects.toMatchObject({
      code: 'tls',
      hint: expect.stringContaining(
        digest('sha256')
          .toUpperCase()
          .replaceAll(/(..)(?=.)/g, '$1:'),
      ),
    })
    expect(server.wire.bytes).toBe(0)
  })

  it.each([
    ['nobody has signed', undefined],
    ['is not the pinned one', 'ab'.repeat(32)],
  ])('is refused under the server’s address, with where to pin it, when it %s', async (_, thumbprint) => {
    const refused = { trusted: [], thumbprint, thumbprintKey: 'sites.ber.vcenter.thumbprint' }
    await expect(server.open(refused)).rejects.toMatchObject({
      message: expect.stringMatching(/^the certificate of 127\.0\.0\.1:\d+ is not /),
      hint: expect.stringContaining('pin it as `sites.ber.vcenter.thumbprint`'),
    })
    await expect(server.open({ trusted: [], thumbprint })).rejects.toMatchObject({
      hint: expect.stringContaining('pin it (`thumbprint`)'),
    })
  })

  it('of a host that takes an upload is the one that the server has announced, and nobody has to pin it', async () => {
    const session = await server.open()
    const { bytes } = server.wire
    const upload = sendFile(session, {
      name: 'disk.vmdk',
      url: `https://127.0.0.1:${server.port}/nfc/disk.vmdk`,
      thumbprint: 'AB'.repeat(20),
      size: 1,
      digest: undefined,
      create: false,
      open: async function* () {
        yield await Promise.resolve(Buffer.from('x'))
      },
      signal,
      onBytes: () => undefined,
    })
    await expect(upload).rejects.toMatchObject({
      code: 'tls',
      hint: expect.stringContaining('reconnect the host in vCenter'),
    })
    expect(server.wire.bytes).toBe(bytes)
  })
})

describe('a session', () => {
  it('uses one connection for calls that come one after the other', async () => {
    const session = await server.open()
    for (let calls = 0; calls < 6; calls += 1) await time(session)
    expect(server.wire.connections).toBe(1)
  })

  it('logs in again once, however many calls find that it is over', async () => {
    const session = await server.open()
    let isOver = true
    server.script = ({ operation }) => {
      if (operation === 'Login') isOver = false
      return isOver ? fault('NotAuthenticated') : undefined
    }
    const times = await Promise.all(Array.from({ length: 10 }, () => time(session)))
    expect(new Set(times).size).toBe(1)
    expect(count('Login')).toBe(2)
    expect(session.logins()).toBe(2)
  })

  it('sends a password that was refused no second time, however many calls would need it', async () => {
    const session = await server.open()
    server.script = ({ operation }) => fault(operation === 'Login' ? 'InvalidLogin' : 'NotAuthenticated')
    const together = await Promise.allSettled(Array.from({ length: 8 }, () => time(session)))
    const later = await Promise.allSettled([time(session), powerOn(session)])
    for (const outcome of [...together, ...later]) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'login', method: 'Login' } })
    }
    expect(count('Login')).toBe(2)
  })

  it('is kept alive while nobody uses it', async () => {
    const hurried = createLabClock(100_000)
    await server.open({ sleep: (ms, use) => hurried.sleep(ms, use) })
    await expect.poll(() => count('CurrentTime'), { timeout: 5000, interval: 5 }).toBeGreaterThan(1)
  })

  it('logs out when it is closed, also after a failure, and never in again', async () => {
    const session = await server.open()
    say('PowerOnVM_Task', [fault('InvalidState')])
    await expect(powerOn(session)).rejects.toMatchObject({ fault: { type: 'InvalidState' } })
    server.script = ({ operation }) => (operation === 'CurrentTime' ? fault('NotAuthenticated') : undefined)
    await session.close()
    expect(count('Logout')).toBe(1)
    await expect(time(session)).rejects.toThrow()
    expect(count('Login')).toBe(1)
  })

  it('logs out when it is stopped between the question and the answer of its login', async () => {
    const stop = new AbortController()
    server.script = ({ operation }) => {
      if (operation === 'Login') stop.abort(new Error('enough'))
      return undefined
    }
    await expect(server.open({ signal: stop.signal })).rejects.toThrow('enough')
    expect(server.seen).toEqual(['RetrieveServiceContent', 'Login', 'Logout'])
  })

  it('says who was refused, and never with what', async () => {
    say('Login', [fault('InvalidLogin')])
    const refused = await server.open().catch((error: unknown) => error as VimError)
    expect(refused).toMatchObject({ code: 'login', hint: expect.stringContaining('password') })
    expect(JSON.stringify(refused)).not.toContain('secret')
    expect((refused as VimError).message).not.toContain('secret')
  })
})

describe('an answer that is no vSphere server’s', () => {
  const cut: Reply = (response, socket) => {
    response.writeHead(200, { 'content-length': 500 })
    response.write('<soapenv:Envelope')
    setImmediate(() => socket.destroy())
  }
  const passing: readonly (readonly [string, Reply])[] = [
    ['a page of a proxy with 503', page(503)],
    ['a page of a proxy with 502', page(502)],
    ['an empty 200', { status: 200, body: '' }],
    [
      'truncated XML',
      { status: 200, body: '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Bo' },
    ],
    ['a connection that is cut', reset],
    ['a connection that is cut in the middle of the answer', cut],
  ]

  it.each(passing)('such as %s is asked for again where nothing changes by it', async (_, reply) => {
    const session = await server.open()
    say('CurrentTime', [reply, reply])
    expect(await time(session)).toBe('2026-01-01T00:00:00Z')
    expect(count('CurrentTime')).toBeGreaterThanOrEqual(3)
  })

  it.each(passing)('such as %s is an error at once where something changes', async (_, reply) => {
    const session = await server.open()
    say('PowerOnVM_Task', [reply])
    await expect(powerOn(session)).rejects.toMatchObject({
      name: 'VimError',
      code: expect.stringMatching(/^(protocol|connection)$/),
      isTransient: true,
    })
    expect(count('PowerOnVM_Task')).toBe(1)
  })

  it('such as a redirection is an error that says where to, and is not asked for again', async () => {
    const session = await server.open()
    say('CurrentTime', [page(302, { location: 'https://sso.example/login' })])
    await expect(time(session)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('a redirection to https://sso.example/login'),
      hint: expect.stringContaining('check the host name'),
    })
  })

  it('without an end is cut off, and not kept in memory', async () => {
    const session = await server.open()
    let sent = 0
    say('PowerOnVM_Task', [
      (response) => {
        response.writeHead(200)
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        const pour = (): void => {
          while (!response.destroyed && response.write(chunk)) sent += 1
          if (!response.destroyed) response.once('drain', pour)
        }
        pour()
      },
    ])
    await expect(powerOn(session)).rejects.toThrow('more than 67108864 bytes')
    expect(sent).toBeLessThan(200)
  })
})

describe('a server that falls silent', () => {
  it('before its answer is given up after the time of the call', async () => {
    const session = await server.open()
    say('CurrentTime', [silence])
    await expect(time(session, { timeout: 50 })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('in the middle of its answer is given up, too', async () => {
    const session = await server.open()
    const half: Reply = (response) => {
      response.writeHead(200, { 'content-length': 500 })
      response.write('<soapenv:Envelope')
    }
    say('CurrentTime', [half])
    await expect(time(session, { timeout: 50 })).rejects.toMatchObject({
      code: 'timeout',
      hint: expect.stringContaining('overloaded'),
    })
  })

  it('before TLS stands is given up by the signal, with its reason', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const stop = new AbortController()
    mute.once('connection', (socket) => {
      socket.on('error', () => undefined)
      stop.abort(new Error('enough'))
    })
    const opening = server.open({ address: { host: '127.0.0.1', port }, signal: stop.signal })
    await expect(opening).rejects.toThrow('enough')
    mute.close()
    await once(mute, 'close')
  })

  it('before TLS stands is given up after the time of the handshake, and its connection closed', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const met = once(mute, 'connection') as Promise<[Socket]>
    const plain = connect({ host: '127.0.0.1', port })
    await once(plain, 'connect')
    const [theirs] = await met
    const gone = once(theirs.resume(), 'close')
    await expect(
      openTls(plain, { host: 'esx.acme', port: 443, trusted: [], signal, within: 50 }),
    ).rejects.toMatchObject({
      code: 'timeout',
      isUnsent: true,
      message: 'esx.acme did not begin TLS within 0.05 s',
    })
    await gone
    mute.close()
    await once(mute, 'close')
  })

  it('is left alone as soon as the signal says so', async () => {
    const session = await server.open()
    const stop = new AbortController()
    say('CurrentTime', [
      () => {
        stop.abort(new Error('enough'))
      },
    ])
    await expect(time(session, { signal: stop.signal })).rejects.toThrow('enough')
  })
})

describe('a connection that cannot be opened', () => {
  const reason = new Error('127.0.0.1:443 cannot be reached: ECONNREFUSED')
  const task = { type: 'Task', value: 'task-1' }
  let dials = 0
  let refusals = 0
  const opened: Socket[] = []

  /** A session that has to open a connection anew, and is refused that so many times. */
  async function openRefused(times: number): Promise<Session> {
    refusals = 0
    const session = await server.open({
      async dial({ host, port }) {
        dials += 1
        if (refusals > 0) {
          refusals -= 1
          throw reason
        }
        const socket = connect({ host, port })
        opened.push(socket)
        await once(socket, 'connect')
        return socket
      },
    })
    await cutAll()
    dials = 0
    refusals = times
    return session
  }
  const cutAll = (): Promise<unknown> =>
    Promise.all(
      opened.splice(0).map(async (socket) => {
        const closed = socket.closed ? undefined : once(socket, 'close')
        socket.destroy()
        await closed
      }),
    )

  it('is tried again, also for an order that may be given only once: it has not left', async () => {
    const session = await openRefused(2)
    say('PowerOnVM_Task', [answer('PowerOnVM_Task', task)])
    expect(await powerOn(session)).toEqual(task)
    expect(dials).toBe(3)
  })

  it('is tried no more after a while, and leaves nothing open of what was to be done', async () => {
    const session = await openRefused(9)
    await expect(powerOn(session)).rejects.toMatchObject({
      code: 'connection',
      message: reason.message,
      cause: reason,
    })
    expect(dials).toBe(4)
    refusals = 0
  })

  it('is told at once where the server was never met: its name may be wrong', async () => {
    let tries = 0
    const opening = server.open({
      dial() {
        tries += 1
        return Promise.reject(reason)
      },
    })
    await expect(opening).rejects.toMatchObject({ code: 'connection', message: reason.message })
    expect(tries).toBe(1)
  })

  it('is one, too, where it breaks before TLS stands', async () => {
    const rude = createServer((socket) => void socket.resume().destroy()).listen(0, '127.0.0.1')
    await once(rude, 'listening')
    const plain = connect({ host: '127.0.0.1', port: (rude.address() as AddressInfo).port })
    await once(plain, 'connect')
    await expect(openTls(plain, { host: 'esx.acme', port: 443, trusted: [], signal })).rejects.toMatchObject({
      code: 'connection',
      isUnsent: true,
      message: expect.stringContaining('no TLS connection to esx.acme'),
    })
    rude.close()
    await once(rude, 'close')
  })

  // What the kernel says of a connection on which nothing comes back, or to which there is no way any more, and what TLS says of
  // one that carries something else.
  it.each([
    ['ETIMEDOUT', { syscall: 'read' }],
    ['EHOSTUNREACH', { syscall: 'read' }],
    ['ENETUNREACH', { syscall: 'write' }],
    ['ECONNABORTED', { syscall: 'read' }],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', {}],
  ])('is asked for as calmly as one that ends in %s while an answer is on its way', async (code, more) => {
    const session = await openRefused(0)
    say('CurrentTime', [
      () => {
        const error = Object.assign(new Error(code), { code, ...more })
        for (const socket of opened.splice(0)) socket.destroy(error)
      },
    ])
    expect(await time(session)).toBe('2026-01-01T00:00:00Z')
    expect(count('CurrentTime')).toBe(2)
  })

  // A server holds a question for longer than a network may need to recover.
  it.runIf(existsSync('/proc/net/tcp'))('is not sought by the kernel for many silent seconds', async () => {
    const readTimer = async (): Promise<{ kind: string; left: number }> => {
      const [port] = opened.flatMap(({ localPort }) => localPort ?? [])
      const hex = (port ?? 0).toString(16).toUpperCase().padStart(4, '0')
      const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n')
      const line = lines.find((each) => each.includes(`0100007F:${hex} 0100007F:`))
      // Kind 2 is the timer of keeping alive; what is left of it comes in hundredths of a second.
      const [, kind = '', left = '0'] = / (\d\d):([0-9A-F]{8}) /.exec(line ?? '') ?? []
      return { kind, left: Number.parseInt(left, 16) }
    }
    const session = await openRefused(0)
    let reply: (() => void) | undefined
    say('CurrentTime', [
      (response) => {
        const { status, body } = answer('CurrentTime', '2026-01-01T00:00:00Z') as Exclude<Reply, Function>
        reply = () => void response.writeHead(status, { 'content-type': 'text/xml' }).end(body)
      },
    ])
    const asking = time(session)
    await expect.poll(() => reply).toBeDefined()
    // Already for the first question on a connection.
    await expect.poll(async () => (await readTimer()).kind).toBe('02')
    const { left } = await readTimer()
    expect(left).toBeGreaterThan(2000)
    expect(left).toBeLessThan(3100)
    reply?.()
    await asking
    await time(session)
    const later = await readTimer()
    expect(later.kind).toBe('02')
    expect(later.left).toBeGreaterThan(2000)
  })
})

describe('what is beside SOAP', () => {
  const refusing =
    (status: number): Reply =>
    (response) =>
      void response.writeHead(status).end('no')

  it.each([401, 403])(
    'is not for everybody: HTTP %i is an answer while the session lives',
    async (status) => {
      const session = await server.open()
      server.page = () => refusing(status)
      expect(await session.fetch('/screen?id=vm-7', { signal })).toMatchObject({ status })
      expect(count('Login')).toBe(1)
      expect(await time(session)).toBe('2026-01-01T00:00:00Z')
    },
  )

  it('is asked for again after a login where the session was over', async () => {
    const session = await server.open()
    let isOver = true
    server.script = ({ operation }) => {
      if (operation === 'Login') isOver = false
      return isOver ? fault('NotAuthenticated') : undefined
    }
    server.page = () => (isOver ? refusing(401) : { status: 200, body: 'a picture' })
    const { status, body } = await session.fetch('/screen?id=vm-7', { signal })
    expect([status, body.toString()]).toEqual([200, 'a picture'])
    expect(count('Login')).toBe(2)
  })
})

describe('an answer that is lost', () => {
  it.each([
    ['by a connection that broke', reset, 'connection'],
    ['to a proxy', page(503), 'protocol'],
  ] as const)('%s leaves open whether an order was carried out, and says so', async (...[, lost, code]) => {
    const session = await server.open()
    say('PowerOnVM_Task', [lost])
    await expect(powerOn(session)).rejects.toMatchObject({
      code,
      method: 'PowerOnVM_Task',
      message: expect.stringContaining('nobody knows whether PowerOnVM_Task on vm-7 was carried out'),
      hint: 'run again: the next run looks first at what is there',
    })
    expect(count('PowerOnVM_Task')).toBe(1)
  })

  it('is asked for again where the order may be carried out twice', async () => {
    const session = await server.open()
    say('UpdateOptions', [reset])
    const self = { type: 'OptionManager', value: 'options-1' }
    await session.call('UpdateOptions', { self, args: { changedValue: [{ key: 'a', value: 1n }] }, signal })
    expect(count('UpdateOptions')).toBe(2)
  })
})

describe('a fault', () => {
  const content = (obj: MoRef, name: string, parent?: MoRef) => ({
    obj,
    propSet: [
      { name: 'name', val: name },
      ...(parent === undefined ? [] : [{ name: 'parent', val: parent }]),
    ],
  })
  const place = answer('RetrievePropertiesEx', {
    objects: [
      content(VM, 'edge-1', { type: 'Folder', value: 'group-v3' }),
      content({ type: 'Folder', value: 'group-v3' }, 'vm', { type: 'Datacenter', value: 'dc-1' }),
      content({ type: 'Datacenter', value: 'dc-1' }, 'FRA', { type: 'Folder', value: 'group-d1' }),
      content({ type: 'Folder', value: 'group-d1' }, 'Datacenters'),
    ],
  } as never)
  const refusing =
    (where: Reply) =>
    ({ operation }: { operation: string }): Reply | undefined => {
      if (operation === 'RetrievePropertiesEx') return where
      return operation === 'PowerOnVM_Task'
        ? fault('NoPermission', { object: VM, privilegeId: 'VirtualMachine.Interact.PowerOn' })
        : undefined
    }

  it('names the method, the place and the privilege, and asks for the place once', async () => {
    const session = await server.open()
    server.script = refusing(place)
    for (let times = 0; times < 2; times += 1) {
      await expect(powerOn(session)).rejects.toMatchObject({
        code: 'fault',
        method: 'PowerOnVM_Task',
        path: '/FRA/vm/edge-1',
        message: expect.stringContaining('PowerOnVM_Task on /FRA/vm/edge-1 failed: NoPermission'),
        hint: expect.stringContaining('VirtualMachine.Interact.PowerOn'),
      })
    }
    expect(count('RetrievePropertiesEx')).toBe(1)
  })

  it.each([
    ['is not allowed to be known', fault('NoPermission')],
    ['is not told', page(404)],
    ['goes round in circles', answer('RetrievePropertiesEx', { objects: [content(VM, 'a', VM)] } as never)],
  ])('names the object where its place %s', async (_, where) => {
    const session = await server.open()
    server.script = refusing(where)
    await expect(powerOn(session)).rejects.toThrow('PowerOnVM_Task on vm-7 failed: NoPermission')
  })
})
