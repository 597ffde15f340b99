import { afterEach, describe, expect, it } from 'vitest'

import { antiAffinity } from '../../../modules/vsphere/anti-affinity.ts'
import { hostOption } from '../../../modules/vsphere/host-option.ts'
import { hostPassthrough } from '../../../modules/vsphere/host-passthrough.ts'
import { ova } from '../../../modules/vsphere/ova.ts'
import { portGroup } from '../../../modules/vsphere/port-group.ts'
import { vmPci } from '../../../modules/vsphere/vm-pci.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { openRig, SEED, type Rig } from './rig.ts'

const COMPUTE = { datacenter: '/FRA', computeCluster: 'edge' } as const
const PLACE = { ...COMPUTE, datastore: 'ssd-1', folder: 'edges' } as const
const HOSTS = SEED.hosts.map((each) => ({ ...each, passthroughNeedsReboot: true }))

let rig: Rig
afterEach(() => rig.close())

const edge = (vm: string, more: { host?: string; apart?: string[] } = {}) =>
  ova({ ...PLACE, vm, image: rig.image, networks: ['vse', 'vse', 'vse'], ...more })

async function deploy(vm: string, host?: string): Promise<void> {
  await rig.run(edge(vm, host === undefined ? {} : { host }))
}

const hostNamed = async (name: string) => {
  const [host] = await rig.reader.hosts({ ...COMPUTE, host: name })
  if (host === undefined) throw new Error(`no ${name}`)
  return host
}

describe('a host whose card needs a reboot', () => {
  const task = (reboot: boolean) => hostPassthrough({ ...COMPUTE, host: 'esx-1.lab', reboot })

  it('is rebooted in maintenance mode where the inventory allows it, and its machines are moved away', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
    await deploy('edge-1', 'esx-1.lab')
    await rig.run(vmPower({ vm: '/FRA/vm/edges/edge-1', stays: true }))
    const done = await rig.run(task(true))
    expect(done.left).toEqual([])
    expect(done.warnings).toEqual(['esx-1.lab is put into maintenance mode', 'esx-1.lab is rebooted'])
    expect(await hostNamed('esx-1.lab')).toMatchObject({ ready: true, state: 'connected' })
    const machine = await rig.reader.machine('/FRA/vm/edges/edge-1')
    expect(machine).toMatchObject({ power: 'poweredOn', host: (await hostNamed('esx-2.lab')).ref })
    expect(await rig.run(task(true))).toMatchObject({ changes: [] })
  })

  it('is asked about before it is rebooted', () => {
    const { uses } = task(true)
    if (uses.kind !== 'module') throw new TypeError('not a module')
    const cards = [{ id: '1', capable: true, enabled: false, active: false }]
    const facts = {
      hosts: [
        { name: 'esx-1.lab', cards },
        { name: 'esx-2.lab', cards: [] },
      ],
    }
    const params = uses.params.parse(task(true).input)
    const changes = uses.diff(facts, params)
    expect(uses.disruptive?.(changes, params, facts as never)).toBe(
      'esx-1.lab may be put into maintenance mode and rebooted, one after the other',
    )
    expect(uses.disruptive?.(changes, uses.params.parse(task(false).input), facts as never)).toBeUndefined()
  })

  it('is not rebooted where a machine cannot leave it, and does not stay in maintenance mode', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS, drs: 'manual' }, { scale: 20_000 })
    await deploy('edge-1', 'esx-1.lab')
    await rig.run(vmPower({ vm: '/FRA/vm/edges/edge-1', stays: true }))
    await expect(rig.run(task(true))).rejects.toMatchObject({
      code: 'MODULE',
      message: 'esx-1.lab could not be put into maintenance mode: edge-1 still run there',
      hint: expect.stringContaining('move them to another host'),
    })
    expect(await hostNamed('esx-1.lab')).toMatchObject({ ready: true })
  })

  it('leaves maintenance mode when the run is stopped while it is in it', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
    const stop = new AbortController()
    const writer = rig.session.writer({ signal: stop.signal })
    const host = await hostNamed('esx-1.lab')
    const reason = new Error('stopped')
    const told: string[] = []
    const rebooting = writer.rebootHost(host, {
      tell: (text) => {
        told.push(text)
        if (text.endsWith('is rebooted')) stop.abort(reason)
      },
    })
    await expect(rebooting).rejects.toBe(reason)
    expect(told).toHaveLength(2)
    expect(await hostNamed('esx-1.lab')).toMatchObject({ ready: true })
  })

  it('stays in maintenance mode where somebody else had put it there', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
    const { ref: self } = await hostNamed('esx-1.lab')
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what: 'entering' })
    expect(await rig.run(task(true))).toMatchObject({ left: [], warnings: ['esx-1.lab is rebooted'] })
    expect(await hostNamed('esx-1.lab')).toMatchObject({ ready: false, state: 'in maintenance' })
  })
})

describe('a host that cannot run machines now', () => {
  const group = portGroup({ ...COMPUTE, name: 'later', vlan: 85 })

  it('is set up all the same where it is in maintenance, and left out with a warning where it does not answer', async () => {
    rig = await openRig(SEED, { scale: 50 })
    const { ref: self } = await hostNamed('esx-2.lab')
    const what = 'the test'
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what })
    const first = await rig.run(group)
    expect(first).toMatchObject({ left: [], warnings: [] })
    expect(first.changes.map(({ path }) => path)).toContain('esx-2.lab')

    await rig.writer.call('RebootHost_Task', { self, args: { force: false } })
    while ((await hostNamed('esx-2.lab')).connected) await rig.clock.sleep(500)
    expect(await rig.run(group)).toMatchObject({
      changes: [],
      warnings: ['esx-2.lab is notResponding: its port groups are left out; run again when it is back'],
    })
    const option = await rig.run(hostOption({ ...COMPUTE, switch: 'vSwitch0' }))
    expect(option.left).toEqual([])
    expect(option.warnings[0]).toContain('esx-2.lab is notResponding')
    expect(option.changes).toHaveLength(1)
  })
})

describe('a NITROX card', () => {
  it('is not given to a machine where the host has too little memory for both', async () => {
    rig = await openRig({ ...SEED, hosts: SEED.hosts.map((each) => ({ ...each, memoryGB: 40 })) })
    await deploy('edge-1', 'esx-1.lab')
    await rig.run(hostPassthrough({ ...COMPUTE, host: 'esx-1.lab' }))
    await expect(rig.run(vmPci({ vm: '/FRA/vm/edges/edge-1' }))).rejects.toMatchObject({
      message: expect.stringMatching(/^esx-1\.lab has 36 GB of memory free, and edge-1 needs 40 GB/),
    })
  })

  it('is put into a machine that runs by a restart on the same host', async () => {
    rig = await openRig()
    await deploy('edge-1', 'esx-1.lab')
    await rig.run(hostPassthrough({ ...COMPUTE, host: 'esx-1.lab' }))
    await rig.run(vmPower({ vm: '/FRA/vm/edges/edge-1', stays: true }))
    const task = vmPci({ vm: '/FRA/vm/edges/edge-1' })
    const { facts, left } = await rig.run(task)
    expect({ facts, left }).toMatchObject({
      left: [],
      facts: { power: 'poweredOn', cards: ['0000:3b:00.0'] },
    })
    const machine = await rig.reader.machine('/FRA/vm/edges/edge-1')
    expect(machine?.host).toEqual((await hostNamed('esx-1.lab')).ref)
  })
})

describe('nodes of a cluster', () => {
  const vms = ['edge-1', 'edge-2', 'edge-3'].map((name) => `/FRA/vm/edges/${name}`)
  const task = antiAffinity({ ...COMPUTE, name: 'VSE fra-1', vms })

  it('are kept apart by a rule that grows with them', async () => {
    rig = await openRig()
    await deploy('edge-1')
    expect(await rig.run(task)).toMatchObject({ changes: [], warnings: [] })
    await deploy('edge-2')
    const made = await rig.run(task)
    expect(made).toMatchObject({
      changes: [{ path: 'VSE fra-1', to: 'edge-1, edge-2 on different hosts' }],
      left: [],
    })
    await deploy('edge-3')
    expect(await rig.run(task)).toMatchObject({
      changes: [{ path: 'VSE fra-1.machines', from: 'edge-1, edge-2', to: 'edge-1, edge-2, edge-3' }],
      left: [],
    })
    expect(await rig.check(task)).toEqual([])
    for (const vm of vms.slice(0, 2)) await rig.run(vmPower({ vm }))
    const [first, second] = await Promise.all(vms.map((vm) => rig.reader.machine(vm)))
    expect(first?.host).not.toEqual(second?.host)
  })

  it('need no rule of ours where somebody has made one', async () => {
    rig = await openRig()
    for (const vm of ['edge-1', 'edge-2']) await deploy(vm)
    await rig.run(antiAffinity({ ...COMPUTE, name: 'by hand', vms }))
    expect(await rig.check(task)).toEqual([])
  })

  it('are put on different ones when they are made, where the cluster does not balance itself', async () => {
    rig = await openRig({ ...SEED, drs: 'off' })
    const names = ['edge-1', 'edge-2', 'edge-3']
    const make = async (vm: string) => {
      expect((await rig.run(edge(vm, { apart: names.filter((name) => name !== vm) }))).left).toEqual([])
      expect((await rig.run(vmPower({ vm: `/FRA/vm/edges/${vm}` }))).left).toEqual([])
      return (await rig.reader.machine(`/FRA/vm/edges/${vm}`))?.host?.value
    }
    const hosts = await Promise.all(['edge-1', 'edge-2'].map(make))
    expect(new Set(hosts).size).toBe(2)
    await expect(make('edge-3')).resolves.toBeDefined()
  })

  it('are switched on elsewhere where their host is in maintenance and nobody else moves them', async () => {
    rig = await openRig({ ...SEED, drs: 'off' })
    await deploy('edge-1', 'esx-1.lab')
    const { ref: self } = await hostNamed('esx-1.lab')
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what: 'entering' })
    const vm = '/FRA/vm/edges/edge-1'
    await expect(rig.run(vmPower({ vm, stays: true }))).rejects.toThrow('InvalidHostState')
    expect((await rig.run(vmPower({ vm }))).left).toEqual([])
    expect(await rig.reader.machine(vm)).toMatchObject({ host: (await hostNamed('esx-2.lab')).ref })
  })

  it('are told of why no host can take them', async () => {
    rig = await openRig({ ...SEED, drs: 'off' })
    for (const name of ['esx-1.lab', 'esx-2.lab']) {
      const { ref: self } = await hostNamed(name)
      await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what: 'entering' })
    }
    await expect(rig.run(edge('edge-1'))).rejects.toMatchObject({
      code: 'MODULE',
      message: 'no host can take edge-1: esx-1.lab is in maintenance, esx-2.lab is in maintenance',
    })
  })

  it('are told of where nothing in the cluster obeys rules', async () => {
    rig = await openRig({ ...SEED, drs: 'off' })
    for (const vm of ['edge-1', 'edge-2']) await deploy(vm, 'esx-1.lab')
    const { changes, warnings } = await rig.run(task)
    expect(changes).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('DRS is off')])
  })
})
