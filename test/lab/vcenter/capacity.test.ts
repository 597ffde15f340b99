import { afterEach, describe, expect, it } from 'vitest'

import type { MoRef, Value } from '../../../src/connect/govmomi/schema/values.ts'
import type { SeedVCenter } from '../../../src/model/lab-seed.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

const GB = 2n ** 20n

describe('what a vCenter of the lab has room for', () => {
  let rig: Rig
  let client: Client
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  async function open(seed: Partial<SeedVCenter>): Promise<void> {
    rig = await openRig({ ...SEED, ...seed }, { folder: await makeFolder() })
    client = await rig.login()
  }

  const reconfigure = (self: MoRef, spec: object) =>
    client.done(client.session.call('ReconfigVM_Task', { self, args: { spec }, signal: client.signal }))
  const powerOn = (self: MoRef) =>
    client.done(client.session.call('PowerOnVM_Task', { self, args: {}, signal: client.signal }))
  const failsWith = (type: string) => ({ fault: { type } })

  async function readDisk(vm: MoRef): Promise<Value<'VirtualDisk'>> {
    const values = await client.properties.get('VirtualMachine', vm, ['config.hardware'])
    const disk = values['config.hardware']?.device.find(({ $type }) => $type === 'VirtualDisk')
    return disk as Value<'VirtualDisk'>
  }

  async function readSpace() {
    const datastore = await client.find('/FRA/datastore/ssd-1')
    const { summary } = await client.properties.get('Datastore', datastore, ['summary'])
    return { free: Number(summary.freeSpace >> 30n), promised: Number((summary.uncommitted ?? 0n) >> 30n) }
  }

  it('counts thin disks by what is in them, thick ones whole, and swap files of what runs', async () => {
    await open({ datastores: [{ name: 'ssd-1', capacityGB: 600 }] })
    expect(await readSpace()).toEqual({ free: 598, promised: 0 })
    const vm = await client.importVm('edge-1')
    expect(await readSpace()).toEqual({ free: 595, promised: 498 })
    await powerOn(vm)
    expect((await readSpace()).free).toBe(595 - 32)
    const disk = await readDisk(vm)
    const add = {
      ...disk,
      key: -1,
      unitNumber: 1,
      capacityInKB: 600n * GB,
      backing: { ...disk.backing, fileName: '', thinProvisioned: false },
    }
    const deviceChange = [{ operation: 'add', fileOperation: 'create', device: add }]
    await expect(reconfigure(vm, { deviceChange })).rejects.toMatchObject(failsWith('NoDiskSpace'))
    const small = [{ ...deviceChange[0], device: { ...add, capacityInKB: 100n * GB } }]
    await reconfigure(vm, { deviceChange: small })
    expect((await readSpace()).free).toBe(595 - 32 - 100)
  })

  it('refuses a thick import or copy that is too large, and leaves nothing of it', async () => {
    await open({ datastores: [{ name: 'ssd-1', capacityGB: 300 }] })
    const thick = client.importVm('edge-1', ['vse', 'vse', 'vse'], { thin: false })
    await expect(thick).rejects.toMatchObject(failsWith('NoDiskSpace'))
    expect(rig.vcenter.status().vms).toEqual([])
    await client.importVm('edge-1')
    const spec = { location: {}, template: false, powerOn: false }
    const vm = await client.find('/FRA/vm/edge-1')
    const folder = await client.find('/FRA/vm')
    const location = { ...spec.location, transform: 'flat' } as const
    const { session, signal } = client
    const clone = (name: string, where: object) =>
      client.done(
        session.call('CloneVM_Task', {
          self: vm,
          args: { folder, name, spec: { ...spec, location: where } },
          signal,
        }),
      )
    await expect(clone('edge-2', location)).rejects.toMatchObject(failsWith('NoDiskSpace'))
    await clone('edge-3', {})
    expect(rig.vcenter.status().vms.map(({ name }) => name)).toEqual(['edge-1', 'edge-3'])
  })

  it('switches nothing on whose swap file does not fit', async () => {
    await open({ datastores: [{ name: 'ssd-1', capacityGB: 30 }] })
    const vm = await client.importVm('edge-1')
    await expect(powerOn(vm)).rejects.toMatchObject(failsWith('NoDiskSpace'))
    await reconfigure(vm, { memoryReservationLockedToMax: true })
    await powerOn(vm)
  })

  it('moves a machine to the host that has the memory for it, and says how much is missing where none has', async () => {
    const [first, second] = SEED.hosts
    if (first === undefined || second === undefined) throw new Error('no hosts')
    await open({ hosts: [{ ...first, memoryGB: 32 }, second] })
    const vm = await client.importVm('edge-1')
    await reconfigure(vm, { memoryReservationLockedToMax: true })
    expect(rig.vcenter.status().vms).toMatchObject([{ host: 'esx-1.lab' }])
    await powerOn(vm)
    expect(rig.vcenter.status().vms).toMatchObject([{ host: 'esx-2.lab' }])
    const large = await client.importVm('edge-3')
    await reconfigure(large, { memoryMB: 300n * 1024n, memoryReservationLockedToMax: true })
    await expect(powerOn(large)).rejects.toMatchObject({
      fault: {
        type: 'InsufficientMemoryResourcesFault',
        detail: { unreserved: 28n << 30n, requested: 300n << 30n },
      },
    })
  })

  it('has networks on some hosts only: imports go there, and nowhere where there is none', async () => {
    const networks = SEED.networks.map((each) =>
      each.name === 'vse'
        ? { ...each, hosts: ['esx-2.lab'] }
        : { ...each, exists: each.kind === 'distributed', hosts: ['esx-1.lab'] },
    )
    await open({ networks })
    await client.importVm('edge-1')
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', host: 'esx-2.lab' }])
    // One card in a network that only the other host has.
    await expect(client.importVm('edge-2', ['vse', 'dvs-vse', 'vse'])).rejects.toMatchObject(
      failsWith('CannotAccessNetwork'),
    )
    const host = await client.find('/FRA/host/edge/esx-2.lab')
    const { network } = await client.properties.get('HostSystem', host, ['network'])
    expect(network.map(({ type }) => type)).toEqual(['Network'])
    const { session, signal } = client
    const pool = await client.find('/FRA/host/edge/Resources')
    const spec = { location: { pool, host: await client.find('/FRA/host/edge/esx-1.lab') } }
    const self = await client.find('/FRA/vm/edge-1')
    const args = {
      folder: await client.find('/FRA/vm'),
      name: 'edge-4',
      spec: { ...spec, template: false, powerOn: false },
    }
    await expect(client.done(session.call('CloneVM_Task', { self, args, signal }))).rejects.toMatchObject(
      failsWith('CannotAccessNetwork'),
    )
  })
})
