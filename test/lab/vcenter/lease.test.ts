import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { openOva } from '../../../src/connect/govmomi/ovf/ova.ts'
import type { Arguments, MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import { openAuthority } from '../../../src/lab/authority.ts'
import { writeImage } from '../../../src/lab/portal/image.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

describe('an import’s lease', () => {
  let rig: Rig
  let client: Client
  let ovf: string
  let disk: Buffer
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    await writeImage(join(rig.folder, 'vse.ova'))
    const extract = (name: string): Buffer => execFileSync('tar', ['-xOf', join(rig.folder, 'vse.ova'), name])
    ovf = extract('vse.ovf').toString()
    disk = extract('vse-disk1.vmdk')
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  async function createSpec(
    descriptor: string,
    { networks = ['Management', 'Proxy', 'LB'], name = 'edge-1', provisioning = 'thin' } = {},
  ) {
    const { session, signal } = client
    const self = session.content.ovfManager
    if (self === undefined) throw new Error('no OVF manager')
    const network = await client.find('/FRA/network/vse')
    return session.call('CreateImportSpec', {
      self,
      args: {
        ovfDescriptor: descriptor,
        resourcePool: await client.find('/FRA/host/edge/Resources/prod'),
        datastore: await client.find('/FRA/datastore/ssd-1'),
        cisp: {
          locale: '',
          deploymentOption: '',
          entityName: name,
          networkMapping: networks.map((each) => ({ name: each, network })),
          diskProvisioning: provisioning,
        },
      },
      signal,
      raw: new Set(['OvfCreateImportSpecResult.importSpec']),
    })
  }

  async function startImport(name = 'edge-1'): Promise<MoRef> {
    const { session, signal } = client
    const { importSpec } = await createSpec(ovf, { name })
    if (importSpec === undefined) throw new Error('no specification')
    return session.call('ImportVApp', {
      self: await client.find('/FRA/host/edge/Resources/prod'),
      args: { spec: importSpec, folder: await client.find('/FRA/vm/edges') },
      signal,
    })
  }

  async function reach(lease: MoRef, wanted: string) {
    let info: { deviceUrl?: readonly { url: string; key: string }[]; leaseTimeout: number } | undefined
    let message: string | undefined
    await client.watcher.watch({
      type: 'HttpNfcLease',
      ref: lease,
      paths: ['state', 'info', 'error'],
      signal: client.signal,
      until(seen) {
        info = seen.get('info') as unknown as typeof info
        message = (seen.get('error') as { localizedMessage?: string } | undefined)?.localizedMessage
        return seen.get('state') === wanted
      },
    })
    return { url: info?.deviceUrl?.[0]?.url ?? '', key: info?.deviceUrl?.[0]?.key ?? '', info, message }
  }

  const call = (operation: 'HttpNfcLeaseComplete' | 'HttpNfcLeaseAbort', self: MoRef) =>
    client.session.call(operation, { self, args: {}, signal: client.signal })

  const upload = (url: string, body: Buffer) => {
    const { hostname, pathname } = new URL(url)
    return rig.send({ host: hostname, path: pathname, method: 'POST', body })
  }

  it('becomes ready, takes the disk at the host’s own address, and leaves a finished machine', async () => {
    const lease = await startImport()
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', importing: true }])
    const { url, key, info } = await reach(lease, 'ready')
    expect(url).toMatch(/^https:\/\/esx-[12]\.lab\/nfc\//)
    expect(info?.leaseTimeout).toBe(100_000)
    await expect(call('HttpNfcLeaseComplete', lease)).rejects.toMatchObject({
      fault: { type: 'InvalidState' },
    })
    await client.session.call('HttpNfcLeaseSetManifestChecksumType', {
      self: lease,
      args: { deviceUrlsToChecksumTypes: [{ key, value: 'sha256' }] },
      signal: client.signal,
    })
    expect((await upload(url, disk)).status).toBe(200)
    const manifest = await client.session.call('HttpNfcLeaseGetManifest', {
      self: lease,
      args: {},
      signal: client.signal,
    })
    expect(manifest).toMatchObject([{ key, checksumType: 'sha256', size: BigInt(disk.length), disk: true }])
    await call('HttpNfcLeaseComplete', lease)
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', importing: false }])
    expect((await upload(url, disk)).status).toBe(404)
    await expect(call('HttpNfcLeaseComplete', lease)).rejects.toMatchObject({
      fault: { type: 'InvalidState' },
    })
  })

  it('refuses what is no stream-optimized disk', async () => {
    const { url } = await reach(await startImport(), 'ready')
    expect((await upload(url, Buffer.from('not a disk'))).status).toBe(500)
    expect((await upload(url, Buffer.alloc(0))).status).toBe(500)
  })

  it('takes its machine with it when it is aborted', async () => {
    const lease = await startImport()
    await reach(lease, 'ready')
    await call('HttpNfcLeaseAbort', lease)
    expect(rig.vcenter.status().vms).toEqual([])
    await reach(lease, 'error')
  })

  it('keeps everybody from its machine while it is held, and says whose task is in the way', async () => {
    const { session, signal, properties } = client
    const lease = await startImport()
    const { url } = await reach(lease, 'ready')
    const self = await client.find('/FRA/vm/edges/edge-1')
    await session.call('HttpNfcLeaseProgress', { self: lease, args: { percent: 40 }, signal })
    const way = { from: self, via: [{ type: 'VirtualMachine', path: 'recentTask' }] } as const
    const [task, second] = await properties.list('Task', way, ['info'])
    expect(task?.values.info).toMatchObject({
      descriptionId: 'ResourcePool.ImportVAppLRO',
      state: 'running',
      progress: 40,
      reason: { userName: SEED.username },
    })
    expect(second).toBeUndefined()
    for (const operation of ['Destroy_Task', 'PowerOnVM_Task'] as const) {
      await expect(session.call(operation, { self, args: {}, signal })).rejects.toMatchObject({
        fault: { type: 'TaskInProgress', detail: { task: task?.ref } },
      })
    }
    await upload(url, disk)
    await call('HttpNfcLeaseComplete', lease)
    expect(await properties.list('Task', way, ['info'])).toEqual([])
    await client.done(session.call('Destroy_Task', { self, args: {}, signal }))
    expect(rig.vcenter.status().vms).toEqual([])
  })

  it('and a task that destroys its machine right behind it remove it once, and no other', async () => {
    const { session, signal } = client
    const lease = await startImport()
    await startImport('edge-2')
    await reach(lease, 'ready')
    const self = await client.find('/FRA/vm/edges/edge-1')
    const aborting = call('HttpNfcLeaseAbort', lease)
    const destroying = client.done(session.call('Destroy_Task', { self, args: {}, signal }))
    await Promise.allSettled([aborting, destroying])
    expect(rig.vcenter.status().vms.map(({ name }) => name)).toEqual(['edge-2'])
    // The process ends with the other import under way.
    await rig.close()
    rig = await openRig(SEED, { folder: rig.folder })
    client = await rig.login()
    expect(rig.vcenter.status().vms.map(({ name }) => name)).toEqual(['edge-2'])
  })

  it('times out on the lab’s clock when nobody renews it, and takes its machine with it', async () => {
    await client.close()
    await rig.close()
    rig = await openRig(SEED, { folder: rig.folder, leaseTimeout: 300_000 })
    client = await rig.login()
    const lease = await startImport()
    const { message } = await reach(lease, 'error')
    expect(message).toBe('Operation timed out.')
    expect(rig.vcenter.status().vms).toEqual([])
  })

  it('ends with the session that opened it', async () => {
    const other = await rig.login()
    await startImport()
    await client.close()
    const isGone = async (): Promise<void> => {
      while (rig.vcenter.status().vms.length > 0)
        await other.session.call('CurrentTime', {
          self: { type: 'ServiceInstance', value: 'ServiceInstance' },
          args: {},
          signal: other.signal,
        })
    }
    await isGone()
    expect(rig.vcenter.status()).toMatchObject({ vms: [], sessions: 1 })
    await other.close()
  })

  it('fails when that fault is injected', async () => {
    rig.vcenter.faults.inject('lease-error')
    const { message } = await reach(await startImport(), 'error')
    expect(message).toContain('made to fail')
    expect(rig.vcenter.status().vms).toEqual([])
  })

  it('loses a connection in the middle when that fault is injected, and takes the file again', async () => {
    const { url } = await reach(await startImport(), 'ready')
    rig.vcenter.faults.inject('reset')
    await expect(upload(url, disk)).rejects.toThrow(/hang up|reset|EPIPE/i)
    expect((await upload(url, disk)).status).toBe(200)
  })

  it('refuses a second machine of the same name, also while the first is being made', async () => {
    const results = await Promise.allSettled([startImport(), startImport()])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    expect(failed.reason).toMatchObject({ fault: { type: 'DuplicateName' } })
  })

  it('is specified from the descriptor: hardware, thin disk, cards in order, one file', async () => {
    const { session, signal } = client
    const self = session.content.ovfManager
    if (self === undefined) throw new Error('no OVF manager')
    const network = await client.find('/FRA/network/dvs-vse')
    const result = await session.call('CreateImportSpec', {
      self,
      args: {
        ovfDescriptor: ovf,
        resourcePool: await client.find('/FRA/host/edge/Resources'),
        datastore: await client.find('/FRA/datastore/ssd-1'),
        cisp: {
          locale: '',
          deploymentOption: '',
          entityName: 'x',
          networkMapping: ['Management', 'Proxy', 'LB'].map((name) => ({ name, network })),
          diskProvisioning: 'thin',
        },
      },
      signal,
    })
    expect(result.error).toEqual([])
    expect(result.fileItem).toMatchObject([
      { deviceId: '/x/VirtualLsiLogicController0:0', path: 'vse-disk1.vmdk', cimType: 17, create: false },
    ])
    const { configSpec } = result.importSpec as unknown as {
      configSpec: { numCPUs: number; memoryMB: bigint; deviceChange: { device: Record<string, unknown> }[] }
    }
    expect(configSpec).toMatchObject({ numCPUs: 4, memoryMB: 32_768n, guestId: 'freebsd11_64Guest' })
    const devices = configSpec.deviceChange.map(({ device }) => device)
    expect(devices.map(({ $type }) => $type)).toEqual([
      'VirtualLsiLogicController',
      'VirtualDisk',
      'VirtualE1000',
      'VirtualE1000',
      'VirtualE1000',
    ])
    expect(devices[1]).toMatchObject({
      capacityInKB: 500n * 2n ** 20n,
      backing: { thinProvisioned: true },
    })
    expect(devices[2]).toMatchObject({
      backing: { $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo' },
    })
  })

  it.each([
    ['is no XML', () => 'nonsense', /not valid XML/],
    ['declares entities', () => `<!DOCTYPE a [<!ENTITY b "c">]><Envelope>&b;</Envelope>`, /document type/],
    ['is something else', () => '<html/>', /root is html/],
    ['has no machine', () => '<Envelope/>', /no VirtualSystem/],
    ['has a disk without its file', (text: string) => text.replace('ovf:id="file1"', 'ovf:id="f"'), /file1/],
    ['has a disk that is not declared', (text: string) => text.replaceAll('disk/vmdisk1', 'disk/v2'), /v2/],
    [
      'has a disk of no size',
      (text: string) => text.replace('ovf:capacity="500"', 'ovf:capacity="much"'),
      /capacity/,
    ],
    [
      'has a card in a network that is not declared',
      (text: string) => text.replace('<rasd:Connection>LB<', '<rasd:Connection>DMZ<'),
      /DMZ/,
    ],
    [
      'is deeper than any descriptor',
      () => `${'<Envelope>'.repeat(100)}${'</Envelope>'.repeat(100)}`,
      /levels/,
    ],
  ])('is refused in the answer where the descriptor %s', async (_, spoil, words) => {
    const result = await createSpec(spoil(ovf))
    expect(result.importSpec).toBeUndefined()
    expect(result.error[0]?.localizedMessage).toMatch(words)
  })

  it('can be looked into before it is specified', async () => {
    const { session, signal } = client
    const self = session.content.ovfManager
    if (self === undefined) throw new Error('no OVF manager')
    const pdp = { locale: '', deploymentOption: '' }
    const parse = (ovfDescriptor: string) =>
      session.call('ParseDescriptor', { self, args: { ovfDescriptor, pdp }, signal })
    const parsed = await parse(ovf)
    expect(parsed.network.map(({ name }) => name)).toEqual(['Management', 'Proxy', 'LB'])
    expect(parsed).toMatchObject({
      approximateDownloadSize: BigInt(disk.length),
      approximateFlatDeploymentSize: 500n << 30n,
      error: [],
    })
    expect((await parse('<html/>')).error).toMatchObject([{ fault: { $type: 'OvfInvalidPackage' } }])
  })

  it('is refused in the answer where a network is not mapped', async () => {
    const result = await createSpec(ovf, { networks: ['Management', 'Proxy'] })
    expect(result.error.map(({ localizedMessage }) => localizedMessage)).toEqual([
      "The network 'LB' is not mapped to any network of the target",
    ])
    await expect(createSpec(ovf, { provisioning: 'fluffy' })).rejects.toMatchObject({
      fault: { type: 'InvalidArgument' },
    })
  })
})

type Source = Arguments<'HttpNfcLeaseProbeUrls'>['files'] extends readonly (infer S)[] | undefined ? S : never

describe('an import that the server fetches itself', () => {
  let rig: Rig
  let client: Client
  let web: Server
  let safe: Server
  let thumbprint: string
  let origin: string
  let secure: string
  let ovf: string
  let disk: Buffer
  let asked: string[] = []

  beforeAll(async () => {
    const folder = await makeFolder()
    rig = await openRig(SEED, { folder })
    client = await rig.login()
    await writeImage(join(folder, 'vse.ova'))
    const archive = await readFile(join(folder, 'vse.ova'))
    const ova = await openOva(join(folder, 'vse.ova'))
    ovf = ova.descriptorText
    const chunks: Buffer[] = []
    for await (const chunk of ova.read('vse-disk1.vmdk')) chunks.push(chunk)
    disk = Buffer.concat(chunks)
    await ova.close()

    const serve: Parameters<typeof createServer>[1] = (request, response) => {
      asked.push(`${request.url} ${String(request.headers['x-token'])}`)
      const body = request.url === '/disk' ? disk : request.url === '/vse.ova' ? archive : undefined
      response.writeHead(body === undefined ? 404 : 200).end(body)
    }
    web = createServer(serve).listen(0, '127.0.0.1')
    const own = await openAuthority(createDocumentStore({ folder: join(folder, 'web') }))
    const issued = await own.issue({ commonName: 'localhost', names: ['localhost'] })
    safe = createTlsServer({ cert: issued.certificate, key: issued.key }, serve).listen(0, '127.0.0.1')
    await Promise.all([web, safe].map(async (each) => each.listening || once(each, 'listening')))
    origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    secure = `https://localhost:${(safe.address() as AddressInfo).port}`
    const der = Buffer.from(issued.certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
    thumbprint = createHash('sha1')
      .update(der)
      .digest('hex')
      .replaceAll(/(..)(?!$)/g, '$1:')
  })
  afterAll(async () => {
    for (const server of [web, safe]) {
      server.closeAllConnections()
      server.close()
    }
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  async function start(name: string): Promise<{ readonly lease: MoRef; readonly key: string }> {
    asked = []
    const { session, signal } = client
    const network = await client.find('/FRA/network/vse')
    const pool = await client.find('/FRA/host/edge/Resources')
    const { importSpec } = await session.call('CreateImportSpec', {
      self: session.content.ovfManager ?? pool,
      args: {
        ovfDescriptor: ovf,
        resourcePool: pool,
        datastore: await client.find('/FRA/datastore/ssd-1'),
        cisp: {
          locale: '',
          deploymentOption: '',
          entityName: name,
          networkMapping: ['Management', 'Proxy', 'LB'].map((each) => ({ name: each, network })),
          diskProvisioning: 'thin',
        },
      },
      signal,
      raw: new Set(['OvfCreateImportSpecResult.importSpec']),
    })
    if (importSpec === undefined) throw new Error('no specification')
    const folder = await client.find('/FRA/vm')
    const lease = await session.call('ImportVApp', {
      self: pool,
      args: { spec: importSpec, folder },
      signal,
    })
    let key = ''
    await client.watcher.watch({
      type: 'HttpNfcLease',
      ref: lease,
      paths: ['state', 'info', 'capabilities'],
      signal,
      until(seen) {
        const info = seen.get('info') as unknown as { deviceUrl: { importKey: string }[] } | undefined
        key = info?.deviceUrl[0]?.importKey ?? ''
        if (seen.get('state') === 'ready')
          expect(seen.get('capabilities')).toMatchObject({ pullModeSupported: true })
        return seen.get('state') === 'ready'
      },
    })
    return { lease, key }
  }

  const pull = (lease: MoRef, files: readonly Source[]) =>
    client.done(
      client.session.call('HttpNfcLeasePullFromUrls_Task', {
        self: lease,
        args: { files },
        signal: client.signal,
      }),
    )
  const on = (operation: 'HttpNfcLeaseComplete' | 'HttpNfcLeaseAbort', lease: MoRef) =>
    client.session.call(operation, { self: lease, args: {}, signal: client.signal })

  it('takes a disk from a web server, with the headers that it is told to send', async () => {
    const { lease, key } = await start('edge-1')
    const httpHeaders = [{ key: 'x-token', value: 'abc' }]
    const size = BigInt(disk.length)
    await pull(lease, [{ targetDeviceId: key, url: `${origin}/disk`, create: false, httpHeaders, size }])
    const [entry] = await client.session.call('HttpNfcLeaseGetManifest', {
      self: lease,
      args: {},
      signal: client.signal,
    })
    expect(entry).toMatchObject({ sha1: createHash('sha1').update(disk).digest('hex'), size })
    await on('HttpNfcLeaseComplete', lease)
    expect(asked).toEqual(['/disk abc'])
    const machine = rig.vcenter.status().vms.find(({ name }) => name === 'edge-1')
    expect(machine).toMatchObject({ importing: false })
  })

  it('takes one member of an OVA, from a server that it knows by its thumbprint', async () => {
    const { lease, key } = await start('edge-2')
    const file = {
      targetDeviceId: key,
      url: `${secure}/vse.ova`,
      memberName: 'vse-disk1.vmdk',
      create: false,
    }
    await expect(pull(lease, [file])).rejects.toMatchObject({ fault: { type: 'HttpFault' } })
    const wrong = {
      ...file,
      sslThumbprint: thumbprint.replace(/^../, thumbprint.startsWith('00') ? '01' : '00'),
    }
    await expect(pull(lease, [wrong])).rejects.toMatchObject({ fault: { type: 'HttpFault' } })
    expect(asked).toEqual([])
    await pull(lease, [{ ...file, sslThumbprint: thumbprint }])
    await on('HttpNfcLeaseComplete', lease)
  })

  it('is told what cannot be had, and keeps its lease', async () => {
    const { lease, key } = await start('edge-3')
    const from = (url: string, more: Partial<Source> = {}): Source => ({
      targetDeviceId: key,
      url,
      create: false,
      ...more,
    })
    const failing: readonly (readonly [Source, string])[] = [
      [from(`${origin}/nothing`), 'HttpFault'],
      [from(`${origin}/vse.ova`), 'SystemError'],
      [from(`${origin}/vse.ova`, { memberName: 'other.vmdk' }), 'SystemError'],
      [from(`${origin}/disk`, { size: 7n }), 'SystemError'],
      [from('http://192.0.2.1/disk'), 'HttpFault'],
      [from('ftp://127.0.0.1/disk'), 'InvalidArgument'],
      [from(`${origin}/disk`, { targetDeviceId: 'another' }), 'InvalidArgument'],
    ]
    for (const [file, type] of failing)
      await expect(pull(lease, [file])).rejects.toMatchObject({ fault: { type } })
    const probed = await client.session.call('HttpNfcLeaseProbeUrls', {
      self: lease,
      args: {
        files: [from(`${origin}/disk`), from(`${origin}/nothing`), from('http://192.0.2.1/disk')],
        timeout: 5,
      },
      signal: client.signal,
    })
    expect(probed.map(({ serverAccessible }) => serverAccessible)).toEqual([true, false, false])
    await on('HttpNfcLeaseAbort', lease)
    expect(rig.vcenter.holdings()).toMatchObject({ leases: 0, importing: 0, tasks: 0 })
  })
})
