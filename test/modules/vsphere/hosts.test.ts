import { afterEach, describe, expect, it } from 'vitest'

import { antiAffinity } from '../../../modules/vsphere/anti-affinity.ts'
import { explainLeftOut } from '../../../modules/vsphere/group-hosts.ts'
import { hostOption } from '../../../modules/vsphere/host-option.ts'
import { hostPassthrough } from '../../../modules/vsphere/host-passthrough.ts'
import { ova } from '../../../modules/vsphere/ova.ts'
import { portGroup } from '../../../modules/vsphere/port-group.ts'
import { vmHardware } from '../../../modules/vsphere/vm-hardware.ts'
import { vmPci } from '../../../modules/vsphere/vm-pci.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { allPrivileges } from '../../../src/lab/vcenter/privileges.ts'
import { openRun } from './ova-rig.ts'
import { ESXI, openRig, orderOf, PLACE, SEED, type Rig } from './rig.ts'

const COMPUTE = { datacenter: '/FRA', computeCluster: 'edge' } as const
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

  it('is waited for where it is its own server, and nobody answers meanwhile', async () => {
    rig = await openRig({
      ...ESXI,
      hosts: ESXI.hosts.map((each) => ({ ...each, nitrox: 1, passthroughNeedsReboot: true })),
    })
    const alone = { datacenter: '/ha-datacenter', host: 'esx.lab' }
    const done = await rig.run(hostPassthrough({ ...alone, reboot: true }))
    expect(done.left).toEqual([])
    expect(done.warnings).toEqual(['esx.lab is put into maintenance mode', 'esx.lab is rebooted'])
    expect(await rig.reader.hosts(alone)).toMatchObject([{ ready: true, state: 'connected' }])
  })

  it('is not said to have no card while it does not answer', async () => {
    rig = await openRig(SEED, { scale: 100 })
    const { ref: self } = await hostNamed('esx-1.lab')
    await rig.writer.runTask('EnterMaintenanceMode_Task', {
      self,
      args: { timeout: 0 },
      what: 'for a reboot',
    })
    await rig.writer.runTask('RebootHost_Task', { self, args: { force: false }, what: 'the reboot' })
    const isConnected = async () => (await hostNamed('esx-1.lab')).connected
    await expect.poll(isConnected, { timeout: 5000, interval: 5 }).toBe(false)
    await expect(rig.check(task(true))).rejects.toMatchObject({
      message: 'esx-1.lab is notResponding: what cards are there cannot be seen',
    })
  })

  it('is asked about before it is rebooted', () => {
    const { uses } = task(true)
    if (uses.kind !== 'module') throw new TypeError('not a module')
    const cards = [{ id: '1', capable: true, enabled: false, active: false }]
    const found = (running: string[]) => ({
      hosts: [
        { name: 'esx-1.lab', cards, heldSince: null, running },
        { name: 'esx-2.lab', cards: [], heldSince: null, running: [] },
      ],
    })
    const facts = found([])
    const params = uses.params.parse(task(true).input)
    const changes = uses.diff(facts, params)
    expect(uses.disruptive?.(changes, params, facts)).toBe(
      'esx-1.lab may be put into maintenance mode and rebooted, one after the other',
    )
    expect(uses.disruptive?.(changes, params, found(['edge-1', 'payroll']))).toBe(
      'esx-1.lab, where edge-1, payroll run, may be put into maintenance mode and rebooted, one after the other',
    )
    const noReboot = uses.params.parse(task(false).input)
    expect(uses.disruptive?.(changes, noReboot, facts)).toBeUndefined()
    const held = { hosts: facts.hosts.map((host) => ({ ...host, heldSince: 'at some time' })) }
    expect(uses.disruptive?.(uses.diff(held, noReboot), noReboot, held)).toBe(
      'esx-1.lab and esx-2.lab may be taken out of maintenance mode',
    )
  })

  it('is left in maintenance mode where a run of ours has put it there days ago: that is somebody else’s by now', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
    const { ref: self } = await hostNamed('esx-1.lab')
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what: 'entering' })
    const since = new Date(rig.clock.now() - 25 * 60 * 60_000).toISOString()
    rig.notes.set('vsphere/host-passthrough esx-1.lab', `at ${since}`)
    const changes = await rig.check(task(true))
    expect(changes.map(({ path }) => path)).toEqual(['esx-1.lab.0000:3b:00.0.passthrough'])
    await expect(rig.run(task(true))).rejects.toThrow('no run of ours has put it there')
    await expect(rig.run(task(false))).rejects.toThrow('must be rebooted')
    expect(await hostNamed('esx-1.lab')).toMatchObject({ state: 'in maintenance' })
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
    const held: boolean[] = []
    const rebooting = writer.rebootHost(host, {
      isHeld: false,
      hold: async (isHeld) => void held.push(isHeld),
      tell: (text) => {
        told.push(text)
        if (text.endsWith('is rebooted')) stop.abort(reason)
      },
    })
    await expect(rebooting).rejects.toBe(reason)
    expect(told).toHaveLength(2)
    expect(held).toEqual([true, false])
    expect(await hostNamed('esx-1.lab')).toMatchObject({ ready: true })
  })

  it('is not rebooted where somebody else has put it into maintenance mode', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
    const { ref: self, bootTime } = await hostNamed('esx-1.lab')
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what: 'entering' })
    await expect(rig.run(task(true))).rejects.toMatchObject({
      code: 'MODULE',
      message: 'esx-1.lab is in maintenance mode, and no run of ours has put it there',
      hint: expect.stringContaining('ask who works on it'),
    })
    expect(await hostNamed('esx-1.lab')).toMatchObject({ state: 'in maintenance', bootTime })
  })

  it.each([true, false])(
    'leaves the maintenance mode in which a run that was killed has left it; rebooted meanwhile: %s',
    async (isRebooted) => {
      rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
      const { ref: self } = await hostNamed('esx-1.lab')
      const killed = await openRun(rig, { seed: SEED })
      const onNote = async (): Promise<void> => {
        await rig.writer.runTask('EnterMaintenanceMode_Task', {
          self,
          args: { timeout: 0 },
          what: 'entering',
        })
        await killed.close()
      }
      await expect(rig.run(task(true), { session: killed.session, onNote })).rejects.toThrow()
      expect(await hostNamed('esx-1.lab')).toMatchObject({ state: 'in maintenance' })
      if (isRebooted) {
        await rig.writer.call('RebootHost_Task', { self, args: { force: false } })
        const isBack = async (): Promise<boolean> => {
          const { state, cards } = await hostNamed('esx-1.lab')
          return state === 'in maintenance' && cards.every(({ active }) => active)
        }
        await expect.poll(isBack, { timeout: 10_000 }).toBe(true)
      }
      const again = await rig.run(task(true))
      expect(again.changes[0]).toEqual({
        path: 'esx-1.lab.maintenance mode',
        from: true,
        to: false,
        note: expect.stringMatching(/^a run that was interrupted has put it there, at 20/),
      })
      expect(again).toMatchObject({ left: [], warnings: isRebooted ? [] : ['esx-1.lab is rebooted'] })
      expect(await hostNamed('esx-1.lab')).toMatchObject({ ready: true })
      expect([...rig.notes.values()]).toEqual([''])
    },
  )
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
    const option = await rig.run(hostOption({ ...COMPUTE, portGroups: [{ name: 'later' }] }))
    expect(option.left).toEqual([])
    expect(option.warnings[0]).toContain('esx-2.lab is notResponding')
    expect(option.changes).toHaveLength(1)
  })

  it('holds nobody up where it cannot be set up: it lacks the switch, or has the port group on another one', async () => {
    const far = { kind: 'standard', vlan: 90, switch: 'vSwitch1', exists: false } as const
    const networks = [...SEED.networks, { ...far, name: 'far', hosts: ['esx-1.lab'] }]
    rig = await openRig({ ...SEED, networks })
    const on1 = (name: string) => portGroup({ ...COMPUTE, name, switch: 'vSwitch1', datastore: 'ssd-1' })
    await expect(rig.run(on1('far'))).rejects.toMatchObject({ message: expect.stringContaining('NotFound') })
    const { ref: self } = await hostNamed('esx-2.lab')
    const args = { timeout: 0 }
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args, what: 'the test' })
    const left = 'its port groups are left out; run again when it is set up'
    expect(await rig.run(on1('far'))).toMatchObject({
      left: [],
      warnings: [`esx-2.lab is in maintenance, and has no vSwitch1: ${left}`],
    })
    const here = await hostNamed('esx-1.lab')
    const away = { ...here, ready: false, state: 'in maintenance' }
    const vse = { ...COMPUTE, name: 'vse', switch: 'vSwitch9', datastore: 'ssd-1' }
    expect(explainLeftOut(away, vse, undefined)).toBe(
      `esx-1.lab is in maintenance, and has vse on vSwitch0, not on vSwitch9: ${left}`,
    )
    const [datastore] = here.datastores.map(({ value }) => value)
    const late = { ...vse, name: 'late' }
    expect(explainLeftOut({ ...here, datastores: [] }, late, datastore)).toBe(
      `esx-1.lab cannot reach ssd-1, and has no vSwitch9: ${left}`,
    )
    // Where machines can run, what is missing has to be told, and stops the step.
    expect(explainLeftOut(here, late, datastore)).toBeUndefined()
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self: here.ref, args, what: 'the test' })
    await expect(rig.run(portGroup({ ...COMPUTE, name: 'late', switch: 'vSwitch9' }))).rejects.toMatchObject({
      message: 'none of esx-1.lab, esx-2.lab can have the port group late on vSwitch9',
    })
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

  it('is put into a machine that was moved away from its host, as by the reboot of that host, after it was moved back', async () => {
    rig = await openRig({ ...SEED, hosts: HOSTS }, { scale: 2000 })
    await deploy('edge-1', 'esx-1.lab')
    const vm = '/FRA/vm/edges/edge-1'
    await rig.run(vmPower({ vm, stays: true }))
    await rig.run(hostPassthrough({ ...COMPUTE, host: 'esx-1.lab', reboot: true }))
    expect(await rig.reader.machine(vm)).toMatchObject({ host: (await hostNamed('esx-2.lab')).ref })
    const nowhere = rig.run(vmPci({ vm, host: 'esx-9.lab' }))
    await expect(nowhere).rejects.toThrow('edge-1 is on esx-2.lab, and cannot go from there to esx-9.lab')
    const { changes, left } = await rig.run(vmPci({ vm, host: 'esx-1.lab' }))
    expect(changes[0]).toEqual({ path: 'host', from: 'esx-2.lab', to: 'esx-1.lab' })
    expect(left).toEqual([])
    expect(await rig.reader.machine(vm)).toMatchObject({
      power: 'poweredOn',
      host: (await hostNamed('esx-1.lab')).ref,
      cards: [{ id: '0000:3b:00.0' }],
    })
  })

  it('does not interrupt a machine that it could not move to the host of the card', async () => {
    const may = allPrivileges().filter((privilege) => privilege !== 'Resource.ColdMigrate')
    rig = await openRig({ ...SEED, privileges: may })
    await deploy('edge-1', 'esx-2.lab')
    await rig.run(hostPassthrough({ ...COMPUTE, host: 'esx-1.lab' }))
    const vm = '/FRA/vm/edges/edge-1'
    await rig.run(vmPower({ vm, stays: true }))
    const warnings: string[] = []
    const onWarning = (message: string): void => void warnings.push(message)
    await expect(rig.run(vmPci({ vm, host: 'esx-1.lab' }), { onWarning })).rejects.toMatchObject({
      code: 'MODULE',
      message:
        'the user lacks the privilege Resource.ColdMigrate on edge-1, which moving it to esx-1.lab needs',
      hint: 'grant it, or move the machine by hand, and run again',
    })
    expect(warnings).toEqual([])
    expect(await rig.reader.machine(vm)).toMatchObject({ power: 'poweredOn' })
  })

  it('has its machine’s memory reserved on its own host, also where the machine was moved to a fuller one', async () => {
    const hosts = SEED.hosts.map((each) => ({ ...each, memoryGB: each.nitrox > 0 ? 256 : 40 }))
    rig = await openRig({ ...SEED, hosts })
    await deploy('edge-1', 'esx-2.lab')
    const vm = '/FRA/vm/edges/edge-1'
    await rig.run(vmPower({ vm, stays: true }))
    const hardware = { vm, cpus: 4, memoryMB: 49_152, diskGB: 500, reserveMemory: true }
    const { changes, left, facts } = await rig.run(vmHardware({ ...hardware, host: 'esx-1.lab' }))
    expect(changes[0]).toEqual({ path: 'host', from: 'esx-2.lab', to: 'esx-1.lab' })
    expect({ left, facts }).toMatchObject({ left: [], facts: { power: 'poweredOn', memoryMB: 49_152 } })
    const { ref } = await hostNamed('esx-1.lab')
    expect(await rig.reader.machine(vm)).toMatchObject({ host: ref, memoryLocked: true })
    // Nobody is interrupted to be moved alone, and one that has a card stays where that is.
    expect(await rig.check(vmHardware({ ...hardware, host: 'esx-2.lab' }))).toEqual([])
    await rig.run(hostPassthrough({ ...COMPUTE, host: 'esx-1.lab' }))
    await rig.run(vmPci({ vm, host: 'esx-1.lab' }))
    const more = { ...hardware, cpus: 8, host: 'esx-2.lab' }
    expect(await rig.run(vmHardware(more))).toMatchObject({ changes: [{ path: 'CPUs' }], left: [] })
    expect(await rig.reader.machine(vm)).toMatchObject({ host: ref, power: 'poweredOn' })
  })

  it('does not interrupt a machine that is to go to a host which runs nothing now', async () => {
    rig = await openRig()
    await deploy('edge-1', 'esx-2.lab')
    const vm = '/FRA/vm/edges/edge-1'
    await rig.run(vmPower({ vm, stays: true }))
    const { ref: self } = await hostNamed('esx-1.lab')
    await rig.writer.runTask('EnterMaintenanceMode_Task', { self, args: { timeout: 0 }, what: 'entering' })
    const hardware = { vm, cpus: 4, memoryMB: 49_152, diskGB: 500, reserveMemory: true, host: 'esx-1.lab' }
    await expect(rig.run(vmHardware(hardware))).rejects.toMatchObject({
      message: 'edge-1 is on esx-2.lab, and esx-1.lab, where it is to be, is in maintenance',
      hint: 'bring that host back to work, and run again',
    })
    expect(await rig.reader.machine(vm)).toMatchObject({ power: 'poweredOn', memoryMB: 32_768 })
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

  it('do not wait for each other: one that is still being copied has no marks and no adapters yet', async () => {
    rig = await openRig()
    await deploy('edge-1')
    await rig.writer.importOva(orderOf(rig, { name: 'edge-2', networks: ['dvs-vse', 'dvs-vse', 'dvs-vse'] }))
    const [vm = '', other = ''] = vms
    const networks = ['vse', 'vse', 'vse']
    const rule = { ...COMPUTE, name: 'VSE fra-1', vms, networks }
    await expect(rig.run(antiAffinity(rule))).rejects.toThrow('edge-2 was not made by a run')
    await expect(rig.run(antiAffinity({ ...rule, vm: other }))).rejects.toThrow('edge-2 was not made by')
    await rig.run(vmPower({ vm: other }))
    await expect(rig.run(antiAffinity({ ...rule, vm }))).rejects.toThrow('edge-2 was not made by a run')
    await rig.writer.powerOff(other)
    expect(await rig.run(antiAffinity({ ...rule, vm }))).toMatchObject({ left: [] })
  })

  it('share their rule with whoever else is in it, and leave it as strict as it is', async () => {
    rig = await openRig()
    for (const vm of ['edge-1', 'edge-2', 'other']) await deploy(vm)
    const [first = '', second = ''] = vms
    const other = '/FRA/vm/edges/other'
    await rig.run(antiAffinity({ ...COMPUTE, name: 'VSE fra-1', vms: [first, other], mandatory: true }))
    const pair = antiAffinity({ ...COMPUTE, name: 'VSE fra-1', vms: [first, second] })
    expect(await rig.run(pair)).toMatchObject({
      changes: [{ path: 'VSE fra-1.machines', from: 'edge-1, other', to: 'edge-1, other, edge-2' }],
      left: [],
    })
    const strict = antiAffinity({ ...COMPUTE, name: 'VSE fra-1', vms: [first, other], mandatory: true })
    expect(await rig.check(strict)).toEqual([])
  })

  it('do not touch a rule of the same name that keeps machines together', async () => {
    rig = await openRig()
    for (const vm of ['edge-1', 'edge-2']) await deploy(vm)
    const self = await rig.reader.require('ClusterComputeResource', '/FRA/host/edge')
    const vm = await Promise.all(vms.slice(0, 2).map((path) => rig.reader.require('VirtualMachine', path)))
    const info = { $type: 'ClusterAffinityRuleSpec', enabled: true, name: 'VSE fra-1', vm }
    const spec = { $type: 'ClusterConfigSpecEx', rulesSpec: [{ operation: 'add', info }] } as const
    const args = { spec, modify: true }
    await rig.writer.runTask('ReconfigureComputeResource_Task', { self, args, what: 'the rule' })
    await expect(rig.run(task)).rejects.toMatchObject({
      message: 'edge has a rule VSE fra-1 already, which is not for keeping machines apart',
    })
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
