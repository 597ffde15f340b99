import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { AnyValue, Input, MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

describe('a template of the lab', () => {
  let rig: Rig
  let client: Client
  let template: MoRef
  beforeEach(async () => {
    const datastores = [...SEED.datastores, { name: 'ssd-2', capacityGB: 1000 }]
    rig = await openRig({ ...SEED, datastores }, { folder: await makeFolder() })
    client = await rig.login()
    template = await client.importVm('image')
    await on('MarkAsTemplate')
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const on = (operation: 'MarkAsTemplate') =>
    client.session.call(operation, { self: template, args: {}, signal: client.signal })

  async function clone(
    name: string,
    spec: Partial<Input<'VirtualMachineCloneSpec'>>,
  ): Promise<AnyValue | undefined> {
    const { session, signal } = client
    const folder = await client.find('/FRA/vm/edges')
    const args = { folder, name, spec: { location: {}, template: false, powerOn: false, ...spec } }
    return client.done(session.call('CloneVM_Task', { self: template, args, signal }))
  }

  const fails = (type: string) => ({ fault: { type } })

  it('is copied many times at once, each copy with its own ids, on the datastore that is asked for', async () => {
    const pool = await client.find('/FRA/host/edge/Resources/prod')
    const datastore = await client.find('/FRA/datastore/ssd-2')
    const host = await client.find('/FRA/host/edge/esx-2.lab')
    const config = {
      annotation: 'a copy',
      extraConfig: [{ key: 'mark', value: 'x' }],
      memoryMB: 8192n,
    }
    const names = ['edge-1', 'edge-2', 'edge-3']
    const made = await Promise.all(
      names.map((name) => clone(name, { location: { pool, datastore, host }, config, powerOn: true })),
    )
    const { vms } = rig.vcenter.status()
    const copies = vms.filter(({ template: isOne }) => !isOne)
    expect(copies.map(({ name, host: at, power }) => [name, at, power])).toEqual(
      names.map((name) => [name, 'esx-2.lab', 'poweredOn']),
    )
    expect(new Set(vms.map(({ instanceUuid }) => instanceUuid)).size).toBe(4)
    const paths = [
      'config.annotation',
      'config.hardware',
      'config.extraConfig',
      'datastore',
      'resourcePool',
    ] as const
    const values = await client.properties.get('VirtualMachine', made[0] as MoRef, paths)
    expect(values['config.annotation']).toBe('a copy')
    expect(values['config.extraConfig']).toContainEqual({ key: 'runbook.image', value: 'vse' })
    expect(values['config.extraConfig']).toContainEqual({ key: 'mark', value: 'x' })
    expect([values.datastore, values.resourcePool]).toEqual([[datastore], pool])
    const disk = values['config.hardware']?.device.find(({ $type }) => $type === 'VirtualDisk')
    expect(disk?.backing).toMatchObject({ fileName: '[ssd-2] edge-1/edge-1.vmdk', thinProvisioned: true })
    const macs = [...rig.guests.values()].flatMap(({ machine }) => machine.nics().map(({ mac }) => mac))
    expect(new Set(macs).size).toBe(9)
  })

  it('tells how far a copy is, and stops making it when that is cancelled', async () => {
    const { session, signal } = client
    const pool = await client.find('/FRA/host/edge/Resources')
    const folder = await client.find('/FRA/vm')
    const spec = { location: { pool }, template: false, powerOn: false }
    const args = { folder, name: 'edge-1', spec }
    const task = await session.call('CloneVM_Task', { self: template, args, signal })
    await client.watcher.watch({
      type: 'Task',
      ref: task,
      paths: ['info.progress'],
      signal,
      until: (seen) => Number(seen.get('info.progress') ?? 0) > 0,
    })
    await session.call('CancelTask', { self: task, args: {}, signal })
    await expect(client.done(Promise.resolve(task))).rejects.toMatchObject(fails('RequestCanceled'))
    expect(rig.vcenter.status().vms.map(({ name }) => name)).toEqual(['image'])
  })

  it('needs a pool, a free name, and things that are there', async () => {
    const pool = await client.find('/FRA/host/edge/Resources')
    const gone = { type: 'Datastore', value: 'datastore-0' }
    await expect(clone('edge-1', {})).rejects.toMatchObject(fails('InvalidArgument'))
    await expect(clone('', { location: { pool } })).rejects.toMatchObject(fails('InvalidName'))
    await expect(clone('edge-1', { location: { pool, datastore: gone } })).rejects.toMatchObject(
      fails('ManagedObjectNotFound'),
    )
    await expect(clone('edge-1', { template: true, powerOn: true })).rejects.toMatchObject(
      fails('InvalidArgument'),
    )
    await clone('edge-1', { location: { pool } })
    await expect(clone('edge-1', { location: { pool } })).rejects.toMatchObject(fails('DuplicateName'))
  })

  it('is not switched on, and keeps its hardware, until it is a machine again', async () => {
    const { session, signal } = client
    const reconfigure = (spec: object) =>
      client.done(session.call('ReconfigVM_Task', { self: template, args: { spec }, signal }))
    const powerOn = () => client.done(session.call('PowerOnVM_Task', { self: template, args: {}, signal }))
    await expect(powerOn()).rejects.toMatchObject(fails('NotSupported'))
    await expect(reconfigure({ numCPUs: 2 })).rejects.toMatchObject(fails('NotSupported'))
    await expect(reconfigure({ extraConfig: [{ key: 'a', value: 'b' }] })).rejects.toMatchObject(
      fails('NotSupported'),
    )
    await reconfigure({ name: 'image-2', annotation: 'kept' })
    await expect(on('MarkAsTemplate')).rejects.toMatchObject(fails('InvalidState'))
    const pool = await client.find('/FRA/host/edge/Resources')
    const gone = { type: 'HostSystem', value: 'host-0' }
    const mark = (args: { readonly pool: MoRef; readonly host?: MoRef }) =>
      session.call('MarkAsVirtualMachine', { self: template, args, signal })
    await expect(mark({ pool, host: gone })).rejects.toMatchObject(fails('ManagedObjectNotFound'))
    await mark({ pool })
    await reconfigure({ numCPUs: 2 })
    await powerOn()
    await expect(on('MarkAsTemplate')).rejects.toMatchObject(fails('InvalidPowerState'))
  })
})

describe('a file on a datastore of the lab', () => {
  let rig: Rig
  let client: Client
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('is given whole, in part, or only described, to whoever may see it and knows its datacenter', async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    const { session, signal } = client
    const vm = await client.importVm('edge 1')
    const call = (operation: 'PowerOnVM_Task' | 'CreateScreenshot_Task') =>
      client.done(session.call(operation, { self: vm, args: {}, signal }))
    await call('PowerOnVM_Task')
    const file = await call('CreateScreenshot_Task')
    const [, name = ''] = /^\[ssd-1\] (.+)$/.exec(file as string) ?? []
    const where = `/folder/${name.split('/').map(encodeURIComponent).join('/')}`
    const query = '?dcPath=FRA&dsName=ssd-1'
    const password = Buffer.from(`${SEED.username}:${SEED.password.reveal()}`).toString('base64')
    const ask = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
      rig.send({ path, method, headers: { authorization: `Basic ${password}`, ...headers } })

    const whole = await ask(where + query)
    expect([whole.status, whole.text.slice(1, 4)]).toEqual([200, 'PNG'])
    const part = await ask(where + query, 'GET', { range: 'bytes=1-3' })
    expect([part.status, part.text, part.headers['content-range']]).toEqual([
      206,
      'PNG',
      `bytes 1-3/${whole.body.length}`,
    ])
    const end = await ask(where + query, 'GET', { range: 'bytes=-2' })
    expect(end.text).toBe(whole.text.slice(-2))
    expect((await ask(where + query, 'GET', { range: 'bytes=900-' })).status).toBe(416)
    const head = await ask(where + query, 'HEAD')
    expect([head.body.length, head.headers['content-length']]).toEqual([0, String(whole.body.length)])
    expect((await ask(`${where}?dcPath=ams&dsName=ssd-1`)).status).toBe(404)
    expect((await ask(`${where}?dsName=ssd-1`)).status).toBe(404)
    expect((await ask(where + query, 'POST')).status).toBe(405)
    expect((await rig.send({ path: where + query })).status).toBe(401)
    expect((await ask(where + query, 'DELETE')).status).toBe(204)
    expect((await ask(where + query)).status).toBe(404)
    expect(rig.vcenter.holdings().files).toBe(0)
  })
})
