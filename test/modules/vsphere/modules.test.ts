import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { hostOption } from '../../../modules/vsphere/host-option.ts'
import { hostPassthrough } from '../../../modules/vsphere/host-passthrough.ts'
import { ova } from '../../../modules/vsphere/ova.ts'
import { portGroup } from '../../../modules/vsphere/port-group.ts'
import { preflight } from '../../../modules/vsphere/preflight.ts'
import { vmHardware } from '../../../modules/vsphere/vm-hardware.ts'
import { vmPci } from '../../../modules/vsphere/vm-pci.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { readMachine } from '../../../src/connect/govmomi/object/machine.ts'
import type { MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import { allPrivileges } from '../../../src/lab/vcenter/privileges.ts'
import { ESXI, openRig, orderOf, PLACE, SEED, type Rig } from './rig.ts'

const VM = '/FRA/vm/edges/edge-1'

describe('the vSphere modules on a standalone host', () => {
  it('deploy a machine, with its port group, and find nothing left to do', async () => {
    const rig = await openRig(ESXI)
    const datacenter = '/ha-datacenter'
    const host = 'esx.lab'
    const tasks = [
      preflight({
        datacenter,
        host,
        datastore: 'ssd-1',
        portGroups: [{ name: 'vse', kind: 'standard', switch: 'vSwitch0' }],
        nodes: [{ name: 'edge-1', cluster: 'edge', memoryGB: 32, diskGB: 500 }],
      }),
      portGroup({ name: 'vse', datacenter, host, vlan: 84 }),
      hostOption({ datacenter, host, portGroups: [{ name: 'vse' }] }),
      ova({
        vm: 'edge-1',
        datacenter,
        host,
        datastore: 'ssd-1',
        image: rig.image,
        networks: ['vse', 'vse', 'vse'],
      }),
      vmHardware({ vm: `${datacenter}/vm/edge-1`, cpus: 4, memoryMB: 32768, diskGB: 500 }),
      vmPower({ vm: `${datacenter}/vm/edge-1` }),
    ]
    for (const task of tasks) expect(await rig.run(task)).toMatchObject({ left: [] })
    for (const task of tasks) expect(await rig.check(task)).toEqual([])
    await rig.close()
  })
})

describe('the vSphere modules on the lab’s vCenter', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await openRig()
  })
  afterEach(() => rig.close())

  const deploy = (networks = ['vse', 'vse', 'vse']) =>
    ova({ ...PLACE, vm: 'edge-1', image: rig.image, networks })

  it('deploy a machine, give it hardware, switch it on, and find nothing left to do', async () => {
    const imported = await rig.run(deploy())
    expect(imported.changes[0]).toEqual({ path: 'vm', to: VM })
    expect(ova.uses.creates?.(imported.changes)).toBe(true)
    expect(ova.uses.creates?.(imported.changes.slice(1))).toBe(false)
    expect(imported.left).toEqual([])
    expect(imported.facts).toMatchObject({ mark: 'done', networks: ['vse', 'vse', 'vse'] })
    expect(imported.progress.at(-1)).toBeGreaterThan(0)
    const hardware = vmHardware({ vm: VM, cpus: 4, memoryMB: 49152, diskGB: 600 })
    const fitted = await rig.run(hardware)
    expect(fitted.changes).toEqual([
      { path: 'memory (MB)', from: 32768, to: 49152 },
      { path: 'disk (GB)', from: 500, to: 600 },
    ])
    expect(fitted.left).toEqual([])
    const on = await rig.run(vmPower({ vm: VM }))
    expect(on).toMatchObject({ changes: [{ path: 'power', from: 'poweredOff', to: 'poweredOn' }], left: [] })
    const before = rig.vcenter.mutations
    for (const task of [deploy(), hardware, vmPower({ vm: VM })]) {
      expect(await rig.run(task)).toMatchObject({ changes: [] })
    }
    expect(rig.vcenter.mutations).toBe(before)
  })

  it('plug network cards into other networks, standard and distributed', async () => {
    await rig.run(deploy())
    const moved = await rig.run(deploy(['vse', 'dvs-vse', 'vse']))
    expect(moved.changes).toEqual([{ path: 'network adapter 2', from: 'vse', to: 'dvs-vse' }])
    expect(moved.left).toEqual([])
  })

  const unplug = async (adapter: number, connectable: { startConnected: boolean; connected: boolean }) => {
    const machine = await rig.reader.machine(VM)
    const key = machine?.nics[adapter]?.key
    const device = machine?.devices.find((each) => each.key === key)
    const changed = { ...device!, connectable: { ...connectable, allowGuestControl: true } }
    const spec = { deviceChange: [{ operation: 'edit', device: changed }] } as const
    await rig.writer.runTask('ReconfigVM_Task', { self: machine!.ref, args: { spec }, what: 'unplugging' })
  }

  it('connect network cards that somebody has disconnected, for the next start or while the machine runs', async () => {
    await rig.run(deploy())
    // While it is off, that none is connected is as it should be.
    await unplug(1, { startConnected: true, connected: false })
    expect(await rig.check(deploy())).toEqual([])
    await unplug(0, { startConnected: false, connected: false })
    expect(await rig.run(deploy())).toMatchObject({
      changes: [{ path: 'network adapter 1 connected', from: false, to: true }],
      left: [],
    })
    await rig.run(vmPower({ vm: VM }))
    await unplug(2, { startConnected: true, connected: false })
    expect(await rig.reader.machine(VM)).toMatchObject({ nics: [{}, {}, { connected: false }] })
    // What says so of one that runs says nothing of one that is suspended, which the lab cannot be.
    const get: typeof rig.reader.get = async (type, ref, paths) => ({
      ...(await rig.reader.get(type, ref, paths)),
      'runtime.powerState': 'suspended',
    })
    const suspended = { ...rig.reader, get, getMany: () => Promise.resolve([]) }
    const self = await rig.reader.require('VirtualMachine', VM)
    expect(await readMachine(suspended, self)).toMatchObject({
      power: 'suspended',
      nics: [{}, {}, { connected: true }],
    })
    const mended = await rig.run(deploy())
    expect(mended.changes.map(({ path }) => path)).toContain('network adapter 3 connected')
    expect(mended.left).toEqual([])
    const machine = await rig.reader.machine(VM)
    expect(machine?.nics).toMatchObject([{ connected: true }, { connected: true }, { connected: true }])
    expect(machine?.nics.map(({ network }) => network)).toEqual(['vse', 'vse', 'vse'])
  })

  it('switch a machine that is on off for its new hardware, and on again', async () => {
    await rig.run(deploy())
    await rig.run(vmPower({ vm: VM }))
    const changed = await rig.run(vmHardware({ vm: VM, cpus: 8, memoryMB: 49152, diskGB: 500 }))
    expect(changed).toMatchObject({ left: [], facts: { power: 'poweredOn', cpus: 8, memoryMB: 49152 } })
    expect(changed.warnings).toEqual([`${VM} is off, to be changed`])
  })

  it('create a standard port group on every host of the cluster and let it accept everything', async () => {
    const task = portGroup({ name: 'later', datacenter: '/FRA', computeCluster: 'edge', vlan: 85 })
    const made = await rig.run(task)
    expect(made.changes.map(({ path }) => path)).toContain('esx-2.lab')
    expect(made.left).toEqual([])
    expect(await rig.check(task)).toEqual([])
  })

  it('mend the policy of a port group that exists, and only that', async () => {
    const task = portGroup({ name: 'vse', datacenter: '/FRA', computeCluster: 'edge', vlan: 84 })
    const first = await rig.run(task)
    expect(first.changes.map(({ path }) => path)).toEqual([
      'esx-1.lab.promiscuous mode',
      'esx-2.lab.promiscuous mode',
    ])
    expect(first.left).toEqual([])
    await rig.vcenter.setPolicy('vse', { forgedTransmits: false })
    const second = await rig.run(task)
    expect(second.changes).toEqual([
      { path: 'esx-1.lab.forged transmits', from: 'reject', to: 'accept' },
      { path: 'esx-2.lab.forged transmits', from: 'reject', to: 'accept' },
    ])
    expect(second.left).toEqual([])
  })

  it.each(['dvs-vse', 'dvs-later'])('let the distributed port group %s accept everything', async (name) => {
    const vlan = name === 'dvs-vse' ? 86 : 87
    const task = portGroup({ name, datacenter: '/FRA', kind: 'distributed', switch: 'dvs', vlan })
    const made = await rig.run(task)
    expect(made.changes.length).toBeGreaterThan(0)
    expect(made.left).toEqual([])
    expect(await rig.check(task)).toEqual([])
  })

  it('name who else is on a port group that is changed', async () => {
    await rig.run(deploy())
    const { warnings } = await rig.run(
      portGroup({ name: 'vse', datacenter: '/FRA', computeCluster: 'edge', vlan: 84 }),
    )
    expect(warnings[0]).toContain('edge-1')
  })

  it('set the option only on the host with two uplinks, and switch promiscuous mode off and on', async () => {
    await rig.run(portGroup({ name: 'vse', datacenter: '/FRA', computeCluster: 'edge', vlan: 84 }))
    const task = hostOption({ datacenter: '/FRA', computeCluster: 'edge', portGroups: [{ name: 'vse' }] })
    const set = await rig.run(task)
    expect(set.changes).toEqual([
      {
        path: 'esx-1.lab.Net.ReversePathFwdCheckPromisc',
        from: 0,
        to: 1,
        note: 'vSwitch0 has 2 uplinks there',
      },
    ])
    expect(set.left).toEqual([])
    expect(
      await rig.check(portGroup({ name: 'vse', datacenter: '/FRA', computeCluster: 'edge', vlan: 84 })),
    ).toEqual([])
  })

  it('say that a host does not know an option', async () => {
    const place = { datacenter: '/FRA', computeCluster: 'edge', portGroups: [{ name: 'vse' }] }
    const task = hostOption({ ...place, option: 'Net.NoSuchThing' })
    await expect(rig.run(task)).rejects.toMatchObject({
      message: expect.stringContaining('esx-1.lab has no advanced option Net.NoSuchThing'),
    })
  })

  const pin = (vm: string, host: string) =>
    ova({ ...PLACE, host, vm, image: rig.image, networks: ['vse', 'vse', 'vse'] })
  const passthrough = hostPassthrough({ datacenter: '/FRA', computeCluster: 'edge', host: 'esx-1.lab' })

  it('pass the card through, at once, and give it to a machine', async () => {
    const marked = await rig.run(passthrough)
    expect(marked.changes).toEqual([
      { path: expect.stringMatching(/^esx-1\.lab\..*\.passthrough$/), from: false, to: true },
    ])
    expect(marked.left).toEqual([])
    await rig.run(pin('edge-1', 'esx-1.lab'))
    const added = await rig.run(vmPci({ vm: VM }))
    expect(added.left).toEqual([])
    expect(added.facts).toMatchObject({ cards: [expect.any(String)], memoryReserved: true })
    expect(await rig.check(vmPci({ vm: VM }))).toEqual([])
  })

  it('put a mark in effect that somebody made for the next start of the host', async () => {
    const [host] = await rig.reader.hosts({ datacenter: '/FRA', computeCluster: 'edge', host: 'esx-1.lab' })
    const card = host?.cards.find(({ vendorId }) => vendorId === 0x177d)
    if (host?.passthroughSystem === undefined || card === undefined) throw new Error('no card')
    const config = [{ id: card.id, passthruEnabled: true, applyNow: false }]
    await rig.writer.call('UpdatePassthruConfig', { self: host.passthroughSystem, args: { config } })
    expect(await rig.check(passthrough)).toMatchObject([{ path: `esx-1.lab.${card.id}.in effect` }])
    expect(await rig.run(passthrough)).toMatchObject({ left: [] })
  })

  it('refuse a card on a host that has none', async () => {
    await rig.run(pin('edge-1', 'esx-2.lab'))
    await expect(rig.run(vmPci({ vm: VM }))).rejects.toMatchObject({
      message: expect.stringContaining('offers no NITROX card'),
    })
  })

  it('give each machine a card of its own while the host has any', async () => {
    await rig.close()
    rig = await openRig({ ...SEED, hosts: SEED.hosts.map((each) => ({ ...each, nitrox: 2 })) })
    expect(await rig.run(passthrough)).toMatchObject({ changes: [{}, {}], left: [] })
    const vms = ['edge-1', 'edge-2', 'edge-3']
    for (const vm of vms) await rig.run(pin(vm, 'esx-1.lab'))
    const [first, second, third] = vms.map((vm) => vmPci({ vm: `/FRA/vm/edges/${vm}` }))
    if (first === undefined || second === undefined || third === undefined) throw new Error('no task')
    expect(await rig.run(first)).toMatchObject({ left: [], facts: { cards: ['0000:3b:00.0'] } })
    expect(await rig.run(second)).toMatchObject({ left: [], facts: { cards: ['0000:3c:00.0'] } })
    await expect(rig.run(third)).rejects.toMatchObject({
      message: expect.stringContaining('every NITROX card'),
    })
  })

  /** Begins an import as a run does; nobody goes on with it. Gives its lease. */
  async function beginImport(): Promise<MoRef> {
    const pool = await rig.reader.require('ResourcePool', '/FRA/host/edge/Resources')
    const folder = await rig.reader.require('Folder', '/FRA/vm/edges')
    const files = { vmPathName: '[ssd-1]' }
    const configSpec = { name: 'edge-1', files, extraConfig: [{ key: 'runbook.import', value: 'importing' }] }
    const spec = { $type: 'VirtualMachineImportSpec', configSpec } as const
    return rig.writer.call('ImportVApp', { self: pool, args: { spec, folder } })
  }

  it('remove what an import that was killed has left, when the server lets go of it, and import again', async () => {
    await rig.close()
    // Slow enough for the lease to end within an hour of the lab.
    rig = await openRig(SEED, { scale: 200, patience: 1500 })
    await beginImport()
    expect(await rig.reader.machine(VM)).toMatchObject({ disks: [] })
    const again = await rig.run(deploy())
    expect(again.changes[0]).toMatchObject({ path: 'vm', from: 'half imported' })
    expect(again.left).toEqual([])
    expect(again.facts).toMatchObject({ mark: 'done' })
    expect(await rig.reader.machine(VM)).toMatchObject({ disks: [{ capacityGB: 500 }] })
  })

  it('take an import that has come through, but was killed before it was marked, for half done', async () => {
    await rig.writer.importOva(orderOf(rig, { name: 'edge-1', settings: { 'runbook.import': 'importing' } }))
    expect(await rig.run(deploy())).toMatchObject({
      changes: [{ from: 'half imported' }, {}, {}, {}],
      left: [],
    })
  })

  it('do not wait for the rests of an import that they may not remove', async () => {
    await rig.close()
    const may = allPrivileges().filter((privilege) => privilege !== 'VirtualMachine.Inventory.Delete')
    rig = await openRig({ ...SEED, privileges: may })
    const texts: unknown[] = []
    const order = orderOf(rig, {
      name: 'edge-1',
      settings: { 'runbook.import': 'importing' },
      onProgress: ({ text }: { text?: string }) => void texts.push(text),
    })
    const rests = await rig.writer.importOva(order)
    texts.splice(0)
    await expect(rig.writer.importOva({ ...order, rests })).rejects.toThrow('VirtualMachine.Inventory.Delete')
    expect(texts).toEqual(['looking whether anybody goes on with an interrupted import'])
  })

  it('say which privilege they lack to connect the network card of a machine that runs', async () => {
    await rig.close()
    const may = allPrivileges().filter((each) => each !== 'VirtualMachine.Interact.DeviceConnection')
    rig = await openRig({ ...SEED, privileges: may })
    await rig.run(deploy())
    await unplug(0, { startConnected: false, connected: false })
    // For the next start, it is not needed.
    expect(await rig.run(deploy())).toMatchObject({ left: [] })
    await rig.run(vmPower({ vm: VM }))
    await unplug(0, { startConnected: true, connected: false })
    const before = rig.vcenter.mutations
    await expect(rig.run(deploy())).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining(
        'lacks the privilege VirtualMachine.Interact.DeviceConnection on edge-1',
      ),
      hint: expect.stringContaining('connect the adapters by hand'),
    })
    expect(rig.vcenter.mutations).toBe(before)
  })

  it('do not wait for ever for the rests of an import on which a task hangs', async () => {
    await rig.close()
    // Slow enough for the session to outlive a pause of the machine, and patient enough for the lease to outlive the task.
    rig = await openRig(SEED, { scale: 5000, patience: 60_000 })
    const order = orderOf(rig, { name: 'edge-1', settings: { 'runbook.import': 'importing' } })
    const self = await beginImport()
    const stateOf = async (): Promise<string> => (await rig.reader.get('HttpNfcLease', self, ['state'])).state
    await expect.poll(stateOf, { timeout: 10_000, interval: 1 }).toBe('ready')
    await rig.writer.call('HttpNfcLeaseProgress', { self, args: { percent: 40 } })
    const rests = await rig.reader.require('VirtualMachine', VM)
    await expect(rig.writer.importOva({ ...order, rests })).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringMatching(
        /^edge-1 is half made, and a task of administrator.* has stood still at \d+ % for an hour$/,
      ),
      hint: 'look at the recent tasks of the server, cancel it, and run again',
    })
  })

  it('leave a machine alone that somebody else has made', async () => {
    await rig.writer.importOva(orderOf(rig, { name: 'edge-1', annotation: 'by hand' }))
    expect(await rig.run(deploy())).toMatchObject({ changes: [], facts: { mark: 'other' } })
  })

  it('deploy eight machines at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `edge-${index}`)
    await Promise.all(
      names.map(async (vm) => {
        await rig.run(ova({ ...PLACE, vm, image: rig.image, networks: ['vse', 'vse', 'vse'] }))
        await rig.run(vmHardware({ vm: `/FRA/vm/edges/${vm}`, cpus: 4, memoryMB: 49152, diskGB: 500 }))
        await rig.run(vmPower({ vm: `/FRA/vm/edges/${vm}` }))
      }),
    )
    const made = rig.vcenter.status().vms.filter(({ name }) => name.startsWith('edge-'))
    expect(made.map(({ name }) => name).toSorted()).toEqual(names)
    expect(made.every(({ power }) => power === 'poweredOn')).toBe(true)
  })

  it('have facts for a machine that does not exist yet', async () => {
    expect(await rig.check(vmPower({ vm: VM }))).toEqual([{ path: 'power', to: 'poweredOn' }])
    expect(await rig.check(vmHardware({ vm: VM, cpus: 4, memoryMB: 49152, diskGB: 500 }))).toHaveLength(3)
    expect(await rig.check(vmPci({ vm: VM }))).toHaveLength(2)
  })
})

describe('the vSphere modules on a host that has to be rebooted for a card', () => {
  it('mark the card for passthrough and ask for the reboot, until it happened', async () => {
    const hosts = SEED.hosts.map((each) => ({ ...each, passthroughNeedsReboot: true }))
    const rig = await openRig({ ...SEED, hosts })
    const task = hostPassthrough({ datacenter: '/FRA', computeCluster: 'edge', host: 'esx-1.lab' })
    const stopped = {
      message: expect.stringContaining('esx-1.lab must be rebooted'),
      hint: expect.stringContaining('maintenance mode'),
    }
    await expect(rig.run(task)).rejects.toMatchObject(stopped)
    await expect(rig.run(task)).rejects.toMatchObject(stopped)
    const [host] = await rig.reader.hosts({ datacenter: '/FRA', computeCluster: 'edge', host: 'esx-1.lab' })
    if (host === undefined) throw new Error('no host')
    expect(host.cards.some(({ enabled, active }) => enabled && !active)).toBe(true)
    const what = 'the reboot'
    const { ref: self } = host
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what })
    await rig.writer.runTask('RebootHost_Task', { self, args: { force: false }, what })
    // The task is over before the host has gone down.
    await expect.poll(() => rig.check(task).catch(() => undefined), { timeout: 10_000 }).toEqual([])
    await rig.writer.runTask('ExitMaintenanceMode_Task', { self, args: { timeout: 0 }, what })
    await rig.close()
  })
})
