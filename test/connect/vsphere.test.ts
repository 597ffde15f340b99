import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'

import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'

import { openVSphere } from '../../src/connect/open-vsphere.ts'
import type { VSphereReader, VSphereSession } from '../../src/connect/vsphere.ts'
import { wallClock } from '../../src/connect/wall-clock.ts'
import { openAuthority } from '../../src/lab/authority.ts'
import type { VSphereEndpoint } from '../../src/model/endpoint.ts'
import {
  AuthError,
  CommandError,
  ConnectError,
  InternalError,
  ModuleError,
  RunbookError,
} from '../../src/model/error.ts'
import type { Network } from '../../src/model/network.ts'
import { documentedSecret } from '../../src/model/secret.ts'
import { createDocumentStore } from '../../src/state/document-store.ts'
import { openRig, SEED, type Rig } from '../modules/vsphere/rig.ts'

const PLACEMENT = { datacenter: '/FRA', computeCluster: 'edge', datastore: 'ssd-1' } as const

describe('a vSphere session', () => {
  let rig: Rig
  const opened: VSphereSession[] = []
  const stop = new AbortController()
  beforeEach(async () => {
    rig = await openRig()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((session) => session.close()))
    await rig.close()
  })

  async function open(
    endpoint: Partial<VSphereEndpoint> = {},
    {
      trusted = rig.network.trusted,
      trace,
      dial = (address, options) => rig.network.dial(address, options),
    }: {
      trusted?: readonly string[]
      trace?: (level: number, text: string) => void
      dial?: Network['dial']
    } = {},
  ): Promise<VSphereSession> {
    const network: Network = { dial, trusted }
    const session = await openVSphere(
      { ...SEED, ...endpoint },
      { network, clock: rig.clock, signal: stop.signal, trace },
    )
    opened.push(session)
    return session
  }

  let warnings: string[] = []
  const importEdge = (writer = rig.writer, networks = ['vse', 'vse', 'vse']) => {
    warnings = []
    return writer.importOva({
      image: rig.image,
      name: 'edge-1',
      placement: PLACEMENT,
      networks,
      thin: true,
      annotation: 'ours & only <ours>',
      settings: { mark: 'importing' },
      onProgress: () => {},
      onWarning: (message) => void warnings.push(message),
    })
  }

  it('refuses a wrong password as an authentication error that names the user', async () => {
    const error = await open({ password: documentedSecret('wrong') }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({
      message: 'vc.lab refuses the user name administrator@vsphere.local with this password',
    })
    expect((error as AuthError).hint).toContain('check the user name')
  })

  it('does not talk to a server with an untrusted certificate, and says which thumbprint it has', async () => {
    const error = await open({}, { trusted: [] }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ kind: 'tls', message: expect.stringContaining('vc.lab is not trusted') })
    const thumbprint = /([0-9A-F]{2}(:[0-9A-F]{2}){31})/.exec((error as ConnectError).hint ?? '')?.[1] ?? ''
    const session = await open({ thumbprint }, { trusted: [] })
    expect(session.reader({ signal: stop.signal }).about.kind).toBe('vcenter')
    const other = thumbprint.replace(/^../, thumbprint.startsWith('00') ? '01' : '00')
    await expect(open({ thumbprint: other })).rejects.toMatchObject({
      kind: 'tls',
      message: 'the certificate of vc.lab is not the pinned one',
    })
  })

  it('tells in the words of the network why there is no connection', async () => {
    const unknown = new ConnectError('no-name', 'vc.lab:443 cannot be reached: ENOTFOUND', {
      hint: 'check the name and the name server',
    })
    await expect(open({}, { dial: () => Promise.reject(unknown) })).rejects.toBe(unknown)
  })

  it('gets over a moment in which neither the server nor a host can be reached', async () => {
    let isMet = false
    const sockets: Socket[] = []
    const refused = new Set<string>()
    const dial: Network['dial'] = async (address, options) => {
      if (isMet && !refused.has(address.host)) {
        refused.add(address.host)
        throw new ConnectError('no-name', `${address.host}:443 cannot be reached: EAI_AGAIN`)
      }
      const socket = await rig.network.dial(address, options)
      sockets.push(socket)
      return socket
    }
    const session = await open({}, { dial })
    isMet = true
    for (const socket of sockets) socket.destroy()
    await importEdge(session.writer({ signal: stop.signal }))
    expect([...refused]).toEqual(['vc.lab', expect.stringMatching(/^esx-/)])
    // Nothing of it has been sent, so that there is no beginning to go back to.
    expect(warnings).toEqual([expect.stringMatching(/^esx-.* EAI_AGAIN; trying again to send \S+$/)])
    expect(await rig.reader.machine('/FRA/vm/edge-1')).toBeDefined()
  })

  it('logs in once again for all who find the session gone', async () => {
    const trace: string[] = []
    const session = await open({}, { trace: (_, text) => void trace.push(text) })
    const reader = session.reader({ signal: stop.signal })
    rig.vcenter.faults.inject('session-expiry')
    const found = await Promise.all(Array.from({ length: 10 }, () => reader.find('Datacenter', '/FRA')))
    expect(found.every((ref) => ref?.type === 'Datacenter')).toBe(true)
    expect(trace.filter((line) => line.startsWith('Login') && line.includes('HTTP 200'))).toHaveLength(2)
    expect(trace.join('\n')).not.toContain('secret')
  })

  it('goes on waiting for a task after its session expired', async () => {
    const ref = await importEdge()
    rig.vcenter.faults.inject('session-expiry')
    await rig.writer.runTask('PowerOnVM_Task', { self: ref, args: {}, what: 'switching on' })
    expect(await rig.reader.machine('/FRA/vm/edge-1')).toMatchObject({ power: 'poweredOn' })
  })

  it('repeats a question that a proxy swallowed, but never a change', async () => {
    rig.vcenter.faults.inject('unavailable', { times: 2 })
    expect(await rig.reader.find('Datacenter', '/FRA')).toBeDefined()
    const ref = await importEdge()
    rig.vcenter.faults.inject('unavailable')
    const change = rig.writer.call('PowerOnVM_Task', { self: ref, args: {} })
    await expect(change).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('HTTP 503'),
    })
    rig.vcenter.faults.inject('lost-reply')
    const before = rig.vcenter.mutations
    await expect(rig.writer.call('PowerOnVM_Task', { self: ref, args: {} })).rejects.toBeInstanceOf(
      ConnectError,
    )
    expect(rig.vcenter.mutations).toBe(before + 1)
  })

  it('logs out, also after an interruption', async () => {
    const trace: string[] = []
    const interrupt = new AbortController()
    const session = await openVSphere(SEED, {
      network: rig.network,
      clock: rig.clock,
      signal: interrupt.signal,
      trace: (_, text) => void trace.push(text),
    })
    interrupt.abort(new Error('interrupted'))
    await session.close()
    expect(trace.at(-1)).toMatch(/^Logout .* HTTP 200/)
  })

  it('gives up a slow question when it is told to', async () => {
    rig.vcenter.faults.inject('slow')
    const patience = new AbortController()
    const reason = new Error('enough')
    const asked = rig.session.reader({ signal: patience.signal }).find('Datacenter', '/FRA')
    patience.abort(reason)
    await expect(asked).rejects.toBe(reason)
  })

  it('says so in words where the time is over that it had', async () => {
    rig.vcenter.faults.inject('slow')
    const asked = rig.session.reader({ signal: AbortSignal.timeout(1) }).find('Datacenter', '/FRA')
    await expect(asked).rejects.toMatchObject({ code: 'TIMEOUT', hint: expect.stringContaining('run again') })
  })

  it('turns the fault of a task into an error with the server’s words', async () => {
    const ref = await importEdge()
    await rig.writer.runTask('PowerOnVM_Task', { self: ref, args: {}, what: 'switching on /FRA/vm/edge-1' })
    const again = rig.writer.runTask('PowerOnVM_Task', {
      self: ref,
      args: {},
      what: 'switching on /FRA/vm/edge-1',
    })
    await expect(again).rejects.toBeInstanceOf(CommandError)
    await expect(again).rejects.toMatchObject({ message: expect.stringContaining('InvalidPowerState') })
    rig.vcenter.faults.inject('task-failure')
    const off = rig.writer.runTask('PowerOffVM_Task', {
      self: ref,
      args: {},
      what: 'switching off /FRA/vm/edge-1',
    })
    await expect(off).rejects.toMatchObject({
      message: expect.stringContaining('switching off /FRA/vm/edge-1 failed'),
    })
  })

  it('tells the name that comes nearest', async () => {
    await importEdge()
    const missing = rig.reader.require('VirtualMachine', '/FRA/vm/edge-l')
    await expect(missing).rejects.toBeInstanceOf(ModuleError)
    await expect(missing).rejects.toMatchObject({ hint: 'did you mean edge-1?' })
    await expect(importEdge(rig.writer, ['vsx', 'vse', 'vse'])).rejects.toMatchObject({
      hint: 'did you mean vse?',
    })
  })

  it('writes our marks into the machine from its first moment, and keeps what is in the descriptor', async () => {
    await importEdge()
    const machine = await rig.reader.machine('/FRA/vm/edge-1')
    expect(machine).toMatchObject({
      annotation: 'ours & only <ours>',
      settings: { mark: 'importing' },
      power: 'poweredOff',
    })
    expect(machine?.nics.map(({ network }) => network)).toEqual(['vse', 'vse', 'vse'])
    expect(machine?.disks[0]).toMatchObject({ capacityGB: 500, thin: true })
  })

  it.each(['lease-error', 'reset'] as const)(
    'leaves nothing behind when an import ends in %s',
    async (fault) => {
      // A reset is tried again three times.
      rig.vcenter.faults.inject(fault, { times: fault === 'reset' ? 4 : 1 })
      await expect(importEdge()).rejects.toBeInstanceOf(RunbookError)
      expect(await rig.reader.machine('/FRA/vm/edge-1')).toBeUndefined()
      await importEdge()
    },
  )

  it('sends a disk again whose connection was reset', async () => {
    rig.vcenter.faults.inject('reset', { times: 2 })
    await importEdge()
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', importing: false }])
  })

  it('leaves nothing behind when an import is stopped in the middle', async () => {
    const patience = new AbortController()
    const writer = rig.session.writer({ signal: patience.signal })
    const reason = new Error('interrupted')
    const stopped = writer.importOva({
      image: rig.image,
      name: 'edge-1',
      placement: PLACEMENT,
      networks: ['vse', 'vse', 'vse'],
      thin: true,
      annotation: '',
      settings: {},
      onProgress: () => patience.abort(reason),
      onWarning: () => {},
    })
    await expect(stopped).rejects.toBe(reason)
    expect(await rig.reader.machine('/FRA/vm/edge-1')).toBeUndefined()
  })

  it('finds out that the image was damaged, and leaves nothing behind', async () => {
    const bytes = await readFile(rig.image)
    const disk = bytes.indexOf('KDMV')
    bytes[disk + 600] = (bytes[disk + 600] ?? 0) ^ 0xff
    await writeFile(rig.image, bytes)
    await expect(importEdge()).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('is not what the manifest says'),
    })
    expect(await rig.reader.machine('/FRA/vm/edge-1')).toBeUndefined()
  })

  it('says which file is no image', async () => {
    await writeFile(rig.image, 'hello')
    await expect(importEdge()).rejects.toMatchObject({ code: 'MODULE' })
    await rm(rig.image)
    await expect(importEdge()).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringMatching(/the image .* is not there/),
    })
  })

  it('has a view that cannot write, neither by its type nor at run time', async () => {
    expectTypeOf<VSphereReader>().not.toHaveProperty('call')
    expectTypeOf<Parameters<VSphereReader['query']>[0]>().not.toEqualTypeOf<'PowerOnVM_Task'>()
    for (const name of ['call', 'runTask', 'importOva', 'plugNics', 'putStandardPortGroup']) {
      expect(rig.reader).not.toHaveProperty(name)
    }
    const ref = await importEdge()
    const before = rig.vcenter.mutations
    const sneaky = rig.reader.query('PowerOnVM_Task' as never, { self: ref, args: {} })
    await expect(sneaky).rejects.toBeInstanceOf(InternalError)
    expect(rig.vcenter.mutations).toBe(before)
  })

  it('shows and drives a console, and finds a machine again that was made anew', async () => {
    const ref = await importEdge()
    await rig.writer.runTask('PowerOnVM_Task', { self: ref, args: {}, what: 'on' })
    const port = rig.session.console('/FRA/vm/edge-1', { writable: true })
    const key = { usage: 4, shift: false, control: false, alt: false }
    expect(await port.type?.([key, key], stop.signal)).toBe(2)
    expect((await port.screen(stop.signal)).toString('latin1', 1, 4)).toBe('PNG')
    await rig.writer.runTask('PowerOffVM_Task', { self: ref, args: {}, what: 'off' })
    await rig.writer.runTask('Destroy_Task', { self: ref, args: {}, what: 'gone' })
    await expect(port.type?.([key], stop.signal)).rejects.toMatchObject({ kind: 'absent' })
    const next = await importEdge()
    await rig.writer.runTask('PowerOnVM_Task', { self: next, args: {}, what: 'on' })
    expect(await port.type?.([key], stop.signal)).toBe(1)
    expect(rig.session.console('/FRA/vm/edge-1', { writable: false }).type).toBeUndefined()
    rig.vcenter.faults.inject('session-expiry')
    expect((await port.screen(stop.signal)).toString('latin1', 1, 4)).toBe('PNG')
  })

  it('says that there is no console without a machine', async () => {
    const port = rig.session.console('/FRA/vm/nobody', { writable: true })
    await expect(port.screen(stop.signal)).rejects.toMatchObject({ code: 'CONNECT', kind: 'absent' })
  })
})

describe('a server that is no vSphere server', () => {
  async function ask(answer: string | undefined): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), 'vim-'))
    const store = createDocumentStore({ folder })
    const authority = await openAuthority(store)
    const issued = await authority.issue({ commonName: 'vc.lab', names: ['vc.lab'] })
    const server = createServer({ cert: issued.certificate, key: issued.key }, (socket) => {
      socket.on('error', () => socket.destroy())
      socket.once('data', () => (answer === undefined ? socket.destroy() : socket.end(answer)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const network: Network = {
      trusted: [authority.pem],
      async dial() {
        const socket = connect({ host: '127.0.0.1', port })
        await once(socket, 'connect')
        return socket
      },
    }
    try {
      const stop = new AbortController()
      const clock = { ...wallClock, sleep: () => Promise.resolve() }
      await openVSphere(SEED, { network, clock, signal: stop.signal })
      return undefined
    } catch (error) {
      return error
    } finally {
      server.close()
      await store.settled()
      await rm(folder, { recursive: true, force: true })
    }
  }

  const http = (status: string, body: string): string =>
    `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`

  it.each([
    ['a web page', http('200 OK', '<html><body>Welcome</body></html>'), 'protocol', '“Welcome”'],
    ['nothing', http('204 No Content', ''), 'protocol', 'HTTP 204'],
    [
      'half an envelope',
      http('200 OK', '<a:Envelope xmlns:a="http://schemas.xmlsoap.org/soap/envelope/"><a:Bo'),
      'protocol',
      'not SOAP',
    ],
    [
      'another answer',
      http(
        '200 OK',
        '<a:Envelope xmlns:a="http://schemas.xmlsoap.org/soap/envelope/"><a:Body><Hello/></a:Body></a:Envelope>',
      ),
      'protocol',
      'not SOAP',
    ],
    ['an answer with a document type', http('200 OK', '<!DOCTYPE a><a/>'), 'protocol', 'not SOAP'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', 'reset', 'broke'],
    ['a hang-up', undefined, 'reset', 'broke'],
  ])('is told by %s', async (...[, answer, kind, message]) => {
    expect(await ask(answer)).toMatchObject({
      code: 'CONNECT',
      kind,
      message: expect.stringContaining(message),
    })
  })
})
