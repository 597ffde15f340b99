import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ESXI, makeFolder, openRig, removeFolder, type Client, type Rig } from './rig.ts'

describe('a standalone host of the lab', () => {
  let rig: Rig
  let client: Client
  beforeEach(async () => {
    rig = await openRig(ESXI, { folder: await makeFolder() })
    client = await rig.login()
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('has the ids that hosts give their own things', async () => {
    expect(client.session.content.rootFolder.value).toBe('ha-folder-root')
    expect(client.session.content.about.apiType).toBe('HostAgent')
    expect(await client.find('/ha-datacenter')).toEqual({ type: 'Datacenter', value: 'ha-datacenter' })
    expect(await client.find('/ha-datacenter/host/esx.lab/esx.lab')).toEqual({
      type: 'HostSystem',
      value: 'ha-host',
    })
    expect(await client.find('/ha-datacenter/network/vse')).toEqual({
      type: 'Network',
      value: 'HaNetwork-vse',
    })
  })

  it('imports and runs a machine, with uploads to the address that was dialled', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    expect(vm.value).toMatch(/^\d+$/)
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    expect(rig.guests.get('edge-1')?.log).toEqual(['on'])
  })

  it('does nothing that takes a vCenter', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    const folder = await client.find('/ha-datacenter/vm')
    const pool = await client.find('/ha-datacenter/host/esx.lab/Resources')
    const datacenter = await client.find('/ha-datacenter')
    const compute = await client.find('/ha-datacenter/host/esx.lab')
    const spec = { location: {}, template: false, powerOn: false }
    const refused: readonly Promise<unknown>[] = [
      session.call('CloneVM_Task', { self: vm, args: { folder, name: 'edge-2', spec }, signal }),
      session.call('MarkAsTemplate', { self: vm, args: {}, signal }),
      session.call('MarkAsVirtualMachine', { self: vm, args: { pool }, signal }),
      session.call('CreateFolder', { self: folder, args: { name: 'x' }, signal }),
      session.call('PowerOnMultiVM_Task', { self: datacenter, args: { vm: [vm] }, signal }),
      session.call('ReconfigureComputeResource_Task', {
        self: compute,
        args: { spec: {}, modify: true },
        signal,
      }),
    ]
    for (const call of refused) await expect(call).rejects.toMatchObject({ fault: { type: 'NotSupported' } })
  })

  it('is away while it restarts, with everything that was open on it, and back with its machines off', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    const host = await client.find('/ha-datacenter/host/esx.lab/esx.lab')
    // Its task is not waited for: the host may be gone before anybody is told that it goes.
    await session.call('RebootHost_Task', { self: host, args: { force: true }, signal })
    const isThere = (): boolean => rig.network.isTaken({ host: ESXI.host, port: ESXI.port })
    await expect.poll(isThere, { interval: 2, timeout: 10_000 }).toBe(false)
    expect(rig.vcenter.holdings()).toMatchObject({ sessions: 0, collectors: 0 })
    await expect.poll(isThere, { interval: 2, timeout: 10_000 }).toBe(true)
    const next = await rig.login()
    const paths = ['runtime.powerState'] as const
    expect(await next.properties.get('VirtualMachine', vm, paths)).toEqual({
      'runtime.powerState': 'poweredOff',
    })
    await next.close()
  })

  it('has been up for good where its lab ended in the middle of a restart', async () => {
    const { session, signal } = client
    const host = await client.find('/ha-datacenter/host/esx.lab/esx.lab')
    const task = await session.call('RebootHost_Task', { self: host, args: { force: true }, signal })
    // Its task is over before it goes; or it went before anybody could be told.
    await client.done(Promise.resolve(task)).catch(() => {})
    await rig.close()
    rig = await openRig(ESXI, { folder: rig.folder })
    client = await rig.login()
    const { runtime } = await client.properties.get('HostSystem', host, ['runtime'])
    expect(runtime).toMatchObject({ connectionState: 'connected' })
    expect(runtime.bootTime).not.toContain('2024-01-01')
  })
})
