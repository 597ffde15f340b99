import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { VimError } from '../../../src/connect/govmomi/error.ts'
import type { MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import type { Session } from '../../../src/connect/govmomi/session.ts'
import { openTls } from '../../../src/connect/govmomi/tls.ts'
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
    await expect(openTls(plain, { host: 'esx.acme', trusted: [], signal, within: 50 })).rejects.toMatchObject(
      {
        code: 'timeout',
        message: 'esx.acme did not begin TLS within 0.05 s',
      },
    )
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
