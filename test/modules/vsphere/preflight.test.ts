import { afterEach, describe, expect, it } from 'vitest'

import { antiAffinity } from '../../../modules/vsphere/anti-affinity.ts'
import { hostOption } from '../../../modules/vsphere/host-option.ts'
import { hostPassthrough } from '../../../modules/vsphere/host-passthrough.ts'
import { ova } from '../../../modules/vsphere/ova.ts'
import { portGroup } from '../../../modules/vsphere/port-group.ts'
import { preflight } from '../../../modules/vsphere/preflight.ts'
import {
  diffMemory,
  diffSpace,
  noteOvercommitment,
  selectHomeless,
} from '../../../modules/vsphere/preflight/capacity.ts'
import type { Facts, HostFacts, MachineFacts } from '../../../modules/vsphere/preflight/facts.ts'
import { diffHosts, noteHosts } from '../../../modules/vsphere/preflight/hosts.ts'
import { diffMachines } from '../../../modules/vsphere/preflight/machines.ts'
import { params, type Node } from '../../../modules/vsphere/preflight/params.ts'
import { planPrivileges } from '../../../modules/vsphere/preflight/privileges.ts'
import { sumClaims } from '../../../modules/vsphere/preflight/read-machines.ts'
import { diffServer, isOlder, noteServer } from '../../../modules/vsphere/preflight/server.ts'
import { readLacking } from '../../../modules/vsphere/read-lacking.ts'
import { vmAbsent } from '../../../modules/vsphere/vm-absent.ts'
import { vmHardware } from '../../../modules/vsphere/vm-hardware.ts'
import { vmPci } from '../../../modules/vsphere/vm-pci.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { openVSphere } from '../../../src/connect/open-vsphere.ts'
import { allPrivileges } from '../../../src/lab/vcenter/privileges.ts'
import { AuthError, CommandError, ConnectError, InternalError } from '../../../src/model/error.ts'
import type { Task } from '../../../src/model/module.ts'
import { IS_THOROUGH } from '../../support/thorough.ts'
import { ESXI, openRig, orderOf, SEED, type Rig } from './rig.ts'

const node = (name: string, more: Partial<Node> = {}): Node => ({
  name,
  cluster: 'fra-1',
  networks: ['vse', 'vse', 'vse'],
  memoryGB: 48,
  diskGB: 500,
  nitrox: false,
  ...more,
})

const PLACE = {
  datacenter: 'FRA',
  computeCluster: 'edge',
  folder: 'edges',
  datastore: 'ssd-1',
  portGroups: [{ name: 'vse', kind: 'standard', switch: 'vSwitch0', made: true }],
} as const

const wanted = (nodes: readonly Node[], more: object = {}) =>
  params.parse({ ...PLACE, portGroups: [...PLACE.portGroups], nodes, ...more })

const host = (name: string, freeGB: number, more: Partial<HostFacts> = {}): HostFacts => ({
  id: name,
  name,
  port: 443,
  ready: true,
  state: 'connected',
  version: '8.0.3',
  freeGB,
  hasDatastore: true,
  switches: [{ name: 'vSwitch0', uplinks: 1 }],
  portGroups: [],
  pathCheck: null,
  cards: { total: 0, free: 0, capable: true, active: true },
  unreachable: null,
  ...more,
})

const machine = (name: string, more: Partial<MachineFacts> = {}): MachineFacts => ({
  name,
  here: true,
  on: true,
  memoryGB: 48,
  hostId: 'esx-1',
  ours: true,
  misfit: null,
  ...more,
})

const FACTS: Facts = {
  server: 'vCenter',
  kind: 'vcenter',
  version: '8.0.3',
  licences: [{ name: 'vSphere 8', edition: 'esx.enterprisePlus', hoursLeft: null }],
  aheadSeconds: 0,
  missing: [],
  lacking: [],
  hosts: [host('esx-1', 100), host('esx-2', 100)],
  datastore: { accessible: true, freeGB: 4000, promisedGB: 0 },
  hasTemplate: true,
  machines: [],
  segments: [],
}

describe('memory before a deployment', () => {
  it('is enough where every node finds a host, and the large ones do not take the last room of the small', () => {
    const hosts = [host('a', 60), host('b', 100)]
    expect(selectHomeless(hosts, [node('n1', { memoryGB: 40 }), node('n2', { memoryGB: 96 })])).toEqual([])
    expect(selectHomeless(hosts, [node('n1'), node('n2'), node('n3')])).toEqual([])
    expect(
      selectHomeless(
        hosts,
        ['1', '2', '3', '4'].map((name) => node(name)),
      ),
    ).toHaveLength(1)
  })

  it('is counted on the host that a node is bound to, with 8 GB for its card', () => {
    const bound = node('n1', { host: 'a', nitrox: true })
    expect(selectHomeless([host('a', 56)], [bound])).toEqual([])
    expect(selectHomeless([host('a', 55), host('b', 500)], [bound])).toEqual([bound])
    const facts = { ...FACTS, hosts: [host('esx-1', 55), host('esx-2', 500)] }
    expect(diffMemory(facts, wanted([node('n1', { host: 'esx-1', nitrox: true })]))).toEqual([
      {
        path: 'free memory of esx-1 (GB)',
        from: '55',
        to: '56 for n1 with its card',
        note: expect.stringContaining('move other machines away'),
      },
    ])
  })

  it('is not asked for again by nodes that run', () => {
    const facts: Facts = {
      ...FACTS,
      hosts: [host('esx-1', 4)],
      machines: [machine('n1')],
    }
    expect(diffMemory(facts, wanted([node('n1')]))).toEqual([])
    expect(diffMemory(facts, wanted([node('n1'), node('n2')]))).toMatchObject([{ to: '48 for n2' }])
  })

  it('is asked for by nodes that run and are to grow: what is new on their host, or all of it on another', () => {
    const grown = wanted([node('n1', { memoryGB: 480 })])
    const with8 = (hosts: readonly HostFacts[]): Facts => ({
      ...FACTS,
      hosts,
      machines: [machine('n1', { memoryGB: 8 })],
    })
    expect(diffMemory(with8([host('esx-1', 84), host('esx-2', 479)]), grown)).toMatchObject([
      { from: 'esx-1 84, esx-2 479', to: '472 more for n1, which has 8' },
    ])
    expect(diffMemory(with8([host('esx-1', 84), host('esx-2', 480)]), grown)).toEqual([])
    expect(diffMemory(with8([host('esx-1', 472)]), grown)).toEqual([])
    expect(
      diffSpace({ ...with8([]), datastore: { accessible: true, freeGB: 471, promisedGB: 0 } }, grown),
    ).toMatchObject([{ to: 472 }])
  })

  it('that running machines have reserved is theirs, used or not; all that ours have will be used', () => {
    const on = (name: string, MB: { size: number; used: number; reserved?: number }) => ({
      name,
      'runtime.host': { value: 'host-1' },
      'runtime.powerState': 'poweredOn',
      'summary.config.memorySizeMB': MB.size,
      'summary.config.memoryReservation': MB.reserved ?? 0,
      'summary.quickStats.hostMemoryUsage': MB.used,
    })
    const machines = [
      on('payroll', { size: 65_536, used: 2048, reserved: 65_536 }),
      on('test', { size: 65_536, used: 2048 }),
      on('n1', { size: 8192, used: 1024 }),
      { ...on('off', { size: 8192, used: 0, reserved: 8192 }), 'runtime.powerState': 'poweredOff' },
    ]
    expect([...sumClaims(machines, new Set(['n1']))]).toEqual([['host-1', 63_488 + 7168]])
  })

  it('of hosts in maintenance does not count', () => {
    const facts = {
      ...FACTS,
      hosts: [host('esx-1', 40), host('esx-2', 500, { ready: false, state: 'in maintenance' })],
    }
    expect(diffMemory(facts, wanted([node('n1')]))).toMatchObject([{ from: 'esx-1 40', to: '48 for n1' }])
    expect(diffHosts(facts, wanted([node('n1')]))).toEqual([])
    expect(noteHosts(facts, wanted([node('n1')]))).toEqual([
      'esx-2 is in maintenance: nothing is placed there',
    ])
  })
})

describe('space before a deployment', () => {
  const short = { ...FACTS, datastore: { accessible: true, freeGB: 130, promisedGB: 200 } }

  it('has to hold the images and swap files of thin machines, and all of thick ones', () => {
    expect(diffSpace(short, wanted([node('n1')]))).toEqual([])
    expect(diffSpace(short, wanted([node('n1'), node('n2')]))).toMatchObject([
      { path: 'free space on ssd-1 (GB)', from: 130, to: 136 },
    ])
    expect(diffSpace(short, wanted([node('n1')], { thin: false }))).toMatchObject([{ to: 548 }])
    expect(diffSpace({ ...short, machines: [machine('n1')] }, wanted([node('n1')]))).toEqual([])
  })

  it('has to hold the image, too, where it will be kept as a template', () => {
    const first = { ...short, hasTemplate: false }
    expect(diffSpace(first, wanted([node('n1'), node('n2')]))).toMatchObject([
      { from: 130, to: 156, note: expect.stringContaining('2 thin disks, the template of their image, and') },
    ])
    expect(diffSpace(first, wanted([node('n1'), node('n2')], { template: false }))).toMatchObject([
      { to: 136 },
    ])
    expect(diffSpace({ ...first, kind: 'esxi' }, wanted([node('n1'), node('n2')]))).toMatchObject([
      { to: 136 },
    ])
    const there = [machine('n1', { memoryGB: 140 })]
    expect(diffSpace({ ...first, machines: there }, wanted([node('n1', { memoryGB: 140 })]))).toEqual([])
  })

  it('says how a run that is limited to some nodes goes on', () => {
    const [change] = diffSpace(short, wanted([node('n1'), node('n2')]))
    expect(change?.note).toContain('--skip-tags preflight goes on')
  })

  it('that thin disks may outgrow is told of', () => {
    expect(noteOvercommitment(short, wanted([node('n1')]))).toEqual([
      'ssd-1 is overcommitted: its thin disks may grow by 700 GB, and it has 130 GB free; watch it',
    ])
    expect(noteOvercommitment(FACTS, wanted([node('n1')]))).toEqual([])
  })
})

describe('what vSphere has to be before a deployment', () => {
  it('is licensed for its API', () => {
    const free = {
      ...FACTS,
      kind: 'esxi' as const,
      licences: [{ name: 'Hypervisor', edition: 'esxBasic.x', hoursLeft: null }],
    }
    expect(diffServer(free)).toMatchObject([{ from: 'Hypervisor', to: 'one that includes the vSphere API' }])
    expect(
      diffServer({ ...FACTS, licences: [{ name: 'Evaluation Mode', edition: 'eval', hoursLeft: 0 }] }),
    ).toHaveLength(1)
    expect(diffServer(FACTS)).toEqual([])
  })

  it('tells of clocks, releases and privileges that it does not know', () => {
    const odd = { ...FACTS, aheadSeconds: -90, version: '5.5', lacking: null }
    expect(noteServer(odd).map((note) => note.slice(0, 40))).toEqual([
      'the clock of vCenter is 90 s behind this',
      'vCenter does not tell which privileges t',
      'vCenter is of release 5.5; 6.0 or newer ',
    ])
    expect(isOlder('6.7.0', '7')).toBe(true)
    expect(isOlder('7.0', '7')).toBe(false)
    expect(isOlder('10.0', '7')).toBe(false)
  })

  it.each([
    new AuthError('HasPrivilegeOnEntities failed: Permission to perform this operation was denied'),
    new CommandError('HasPrivilegeOnEntities failed: MethodNotFound'),
    new ConnectError('protocol', 'vc.lab does not tell who may do what'),
  ])('does not have to tell who may do what: $message', async (refusal) => {
    const connection = (why: Error) => ({ missingPrivileges: () => Promise.reject(why) }) as never
    expect(await readLacking(connection(refusal), [])).toBeNull()
    const bug = new InternalError('a bug')
    await expect(readLacking(connection(bug), [])).rejects.toBe(bug)
  })

  it('has the switch of a port group on every host, and the port group on no other', () => {
    const facts = {
      ...FACTS,
      hosts: [
        host('esx-1', 100, { portGroups: [{ name: 'vse', switch: 'vSwitch7' }] }),
        host('esx-2', 100, { switches: [] }),
      ],
    }
    expect(diffHosts(facts, wanted([node('n1')]))).toMatchObject([
      { path: 'network vse on esx-1', from: 'on vSwitch7', to: 'on vSwitch0' },
      { path: 'network vse on esx-2', to: 'a port group of vSwitch0' },
    ])
    const made = { portGroups: [{ name: 'vse', kind: 'standard', switch: 'vSwitch0', made: false }] }
    expect(diffHosts(FACTS, wanted([node('n1')], made))).toMatchObject([{ to: 'there' }, { to: 'there' }])
    expect(diffHosts({ ...FACTS, segments: ['vse'] }, wanted([node('n1')]))).toMatchObject([
      { from: 'an NSX segment' },
    ])
  })

  it('has a free card for every node that is to have one', () => {
    const nodes = [node('n1', { host: 'esx-1', nitrox: true }), node('n2', { host: 'esx-1', nitrox: true })]
    const cards = { total: 2, free: 1, capable: true, active: false }
    const facts = { ...FACTS, hosts: [host('esx-1', 500, { cards })] }
    expect(diffHosts(facts, wanted(nodes))).toMatchObject([
      {
        path: 'NITROX cards of esx-1',
        from: 1,
        to: 2,
        note: expect.stringContaining('other machines have 1'),
      },
    ])
    expect(noteHosts(facts, wanted(nodes)).join()).toContain('the cards are not passed through yet')
  })

  it('has hosts that are connected: what cards one has that is not, nobody can say', () => {
    const away = host('esx-1', 0, { ready: false, state: 'notResponding' })
    const nodes = [node('n1', { host: 'esx-1', nitrox: true })]
    expect(diffHosts({ ...FACTS, hosts: [away] }, wanted(nodes))).toMatchObject([
      { path: 'host esx-1', from: 'notResponding', to: 'connected' },
    ])
  })

  it('fetches an image by itself from release 6.7 on; before, its hosts have to be reachable', () => {
    const hosts = [host('esx-1', 100, { unreachable: 'no answer' })]
    const pulled = wanted([node('n1')], { pulled: true })
    expect(diffHosts({ ...FACTS, hosts, version: '6.7.0', hasTemplate: false }, pulled)).toEqual([])
    expect(diffHosts({ ...FACTS, hosts, version: '6.5.0', hasTemplate: false }, pulled)).toMatchObject([
      { path: 'esx-1:443', from: 'no answer', to: 'reachable from here' },
    ])
  })

  it('has no host in maintenance that a machine is bound to, unless the step of its card may take it out again', () => {
    const hosts = [host('esx-1', 100, { ready: false, state: 'in maintenance' }), host('esx-2', 100)]
    const facts = { ...FACTS, hosts, machines: [machine('n1')] }
    const needed = [{ path: 'host esx-1', from: 'in maintenance', to: 'connected' }]
    const bound = node('n1', { host: 'esx-1', nitrox: true })
    const cards = { total: 1, free: 1, capable: true, active: false }
    const held = { ...facts, hosts: [{ ...hosts[0]!, cards }, hosts[1]!] }
    const site = wanted([bound], { rebootHosts: true })
    expect(diffHosts(held, site)).toEqual([])
    expect(noteHosts(held, site)).toContainEqual(
      expect.stringMatching(/^esx-1 is in maintenance: .*takes it out where a run has left it there/),
    )
    // What is to be made there cannot wait for that, and without reboots no run has put it there.
    expect(diffHosts({ ...held, machines: [] }, site)).toMatchObject(needed)
    expect(diffHosts(held, wanted([bound]))).toMatchObject(needed)
    expect(diffHosts(facts, wanted([node('n1', { host: 'esx-1' })], { rebootHosts: true }))).toMatchObject(
      needed,
    )
    const away = { ...hosts[0]!, state: 'disconnected' }
    expect(diffHosts({ ...facts, hosts: [away, hosts[1]!] }, site)).toMatchObject([{ from: 'disconnected' }])
  })

  it('has no machine of a node’s name elsewhere', () => {
    const elsewhere = machine('n1', { here: false, ours: false })
    expect(diffMachines({ ...FACTS, machines: [elsewhere] })).toMatchObject([{ path: 'virtual machine n1' }])
    const both = [elsewhere, machine('n1')]
    expect(diffMachines({ ...FACTS, machines: both })).toEqual([])
  })

  it('tells of old hosts that DRS might move a running appliance between, and of teams of uplinks', () => {
    const team = { switches: [{ name: 'vSwitch0', uplinks: 2 }], pathCheck: 0, version: '6.7.0' }
    const notes = noteHosts({ ...FACTS, hosts: [host('esx-1', 100, team)] }, wanted([node('n1'), node('n2')]))
    expect(notes).toEqual([
      expect.stringContaining('esx-1 (6.7.0): before ESXi 7'),
      expect.stringContaining('esx-1: the switch of the appliances has several uplinks'),
      expect.stringContaining('fra-1: more nodes than hosts (1)'),
    ])
  })
})

describe('preflight on the lab', () => {
  let rig: Rig
  afterEach(() => rig.close())

  const task = (nodes: readonly Node[], more: object = {}) =>
    preflight({ ...PLACE, portGroups: [...PLACE.portGroups], nodes: [...nodes], ...more })

  it('finds nothing wrong before a deployment, nor after it where it took all the memory there is', async () => {
    const hosts = SEED.hosts.map((each) => ({ ...each, memoryGB: 54 }))
    rig = await openRig({ ...SEED, hosts })
    const nodes = [node('edge-1', { host: 'esx-1.lab' }), node('edge-2', { host: 'esx-2.lab' })]
    const fresh = await rig.run(task(nodes))
    expect(fresh.changes).toEqual([])
    expect(fresh.warnings).toEqual([
      'esx-1.lab: the switch of the appliances has several uplinks there, so Net.ReversePathFwdCheckPromisc is set to 1',
    ])
    expect(rig.vcenter.mutations).toBe(0)
    for (const [index, { name, host: on }] of nodes.entries()) {
      const place = { datacenter: 'FRA', computeCluster: 'edge', folder: 'edges', datastore: 'ssd-1' }
      const vm = `/FRA/vm/edges/${name}`
      await rig.run(ova({ ...place, host: on, vm: name, image: rig.image, networks: ['vse', 'vse', 'vse'] }))
      await rig.run(vmHardware({ vm, cpus: 4, memoryMB: 49152, diskGB: 500 }))
      if (index === 0) await rig.run(vmPower({ vm, stays: true }))
    }
    expect(await rig.check(task(nodes))).toEqual([])
    await rig.run(vmPower({ vm: '/FRA/vm/edges/edge-2', stays: true }))
    expect(await rig.check(task(nodes))).toEqual([])
    expect(await rig.check(task([...nodes, node('edge-3')]))).toMatchObject([
      { path: 'free memory of edge (GB)', to: '48 for edge-3' },
    ])
  })

  it('reports everything that is wrong at once', async () => {
    rig = await openRig({
      ...SEED,
      privileges: ['VirtualMachine.Interact.PowerOn', 'Host.Config.AdvancedConfig', 'Network.Assign'],
    })
    const problems = await rig.check(
      task(
        [
          node('edge-1', { host: 'esx-9.lab' }),
          node('edge-2', { memoryGB: 900 }),
          node('edge-3', { host: 'esx-2.lab', nitrox: true }),
        ],
        {
          datastore: 'ssd-9',
          folder: 'nowhere',
          resourcePool: 'nobody',
          portGroups: [
            { name: 'vse', kind: 'standard', switch: 'vSwitch5', made: true },
            { name: 'dvs-none', kind: 'distributed', switch: 'dvs-none', made: true },
          ],
        },
      ),
    )
    expect(problems.map(({ path }) => path)).toEqual([
      '/FRA/datastore/ssd-9',
      '/FRA/host/edge/Resources/nobody',
      '/FRA/network/dvs-none',
      '/FRA/vm/nowhere',
      'privileges on edge',
      'host of edge-1',
      'network vse on esx-1.lab',
      'network vse on esx-2.lab',
      'network dvs-none on esx-1.lab',
      'network dvs-none on esx-2.lab',
      'NITROX cards of esx-2.lab',
      'free memory of edge (GB)',
    ])
    expect(problems.find(({ path }) => path === 'privileges on edge')?.to).toBe(
      'Host.Config.Network, Host.Config.PciPassthru, Host.Inventory.EditCluster',
    )
    expect(problems.every(({ note }) => note !== undefined && note !== '')).toBe(true)
    expect(problems.slice(0, 4).map(({ note }) => note?.split(': ', 2)[1])).toEqual([
      'did you mean ssd-1?',
      'in /FRA/host/edge/Resources are prod',
      'in /FRA/network are dvs, dvs-vse, vse',
      'in /FRA/vm are edges',
    ])
  })

  it('says what a host without a vCenter calls itself, where it is taken for another one', async () => {
    rig = await openRig(ESXI)
    const alone = { datacenter: 'ha-datacenter', computeCluster: undefined, host: 'esx-ber.example' }
    const problems = await rig.check(task([node('edge-1')], { ...alone, folder: undefined }))
    expect(problems).toContainEqual({
      path: '/ha-datacenter/host/esx-ber.example',
      to: 'there',
      note: 'correct the placement in the inventory, or create it: in /ha-datacenter/host are esx.lab',
    })
  })

  it('takes over a machine that somebody made as documented, and no other', async () => {
    rig = await openRig()
    for (const [name, networks] of [
      ['edge-1', ['vse', 'vse', 'vse']],
      ['edge-2', ['vse', 'dvs-vse', 'vse']],
    ] as const) {
      await rig.writer.importOva(
        orderOf(rig, { name, placement: PLACE, networks, template: false, annotation: 'by hand' }),
      )
    }
    const found = await rig.run(task([node('edge-1'), node('edge-2')]))
    expect(found.changes).toMatchObject([
      {
        path: 'virtual machine edge-2',
        from: 'made by somebody else',
        note: expect.stringContaining('2 in dvs-vse'),
      },
    ])
    expect(found.warnings).toContainEqual(expect.stringMatching(/^edge-1: made by somebody else/))
    const moved = await rig.check(task([node('edge-1')], { folder: undefined }))
    expect(moved).toMatchObject([{ path: 'virtual machine edge-1', from: 'in another folder' }])
  })

  it('says that a free ESXi can only be read', async () => {
    rig = await openRig({ ...ESXI, licence: 'free' })
    const alone = {
      ...PLACE,
      datacenter: 'ha-datacenter',
      computeCluster: undefined,
      folder: undefined,
      host: 'esx.lab',
    }
    const problems = await rig.check(
      preflight({ ...alone, portGroups: [...PLACE.portGroups], nodes: [node('edge-1', { memoryGB: 32 })] }),
    )
    expect(problems.map(({ path }) => path)).toEqual([expect.stringContaining('licence of')])
  })

  it('knocks at the hosts that take uploads, as long as there is something to upload', async () => {
    rig = await openRig()
    const stop = new AbortController()
    const { signal } = stop
    const { network, clock } = rig
    const wall: typeof network.dial = ({ host: name, port }, options) =>
      network.dial({ host: name === 'esx-2.lab' ? 'behind-a-firewall' : name, port }, options)
    const session = await openVSphere(SEED, {
      network: { dial: wall, trusted: network.trusted },
      clock,
      signal,
    })
    const reader = session.reader({ signal })
    expect(await reader.whyUnreachable({ name: 'esx-1.lab', port: 443 })).toBeUndefined()
    const blocked = [
      { path: 'esx-2.lab:443', note: expect.stringMatching(/imageUrl.*--skip-tags preflight/) },
    ]
    const look = (nodes: readonly Node[], more = {}) => rig.run(task(nodes, more), { session })
    expect((await look([node('edge-1')])).changes).toMatchObject(blocked)
    expect((await look([node('edge-1', { host: 'esx-2.lab' })])).changes).toMatchObject(blocked)
    expect(await look([node('edge-1', { host: 'esx-1.lab' })])).toMatchObject({ changes: [] })
    const told = (said: string) => expect.stringMatching(`^esx-2.lab:443: cannot be reached.*${said}`)
    expect(await look([node('edge-1')], { pulled: true })).toMatchObject({
      changes: [],
      warnings: expect.arrayContaining([told('imageUrl')]),
    })
    const place = { datacenter: 'FRA', computeCluster: 'edge', datastore: 'ssd-1', host: 'esx-1.lab' }
    await rig.run(ova({ ...place, vm: 'edge-2', image: rig.image, networks: ['vse', 'vse', 'vse'] }))
    expect(await look([node('edge-1')])).toMatchObject({
      changes: [],
      warnings: expect.arrayContaining([told('template of the image that ssd-1 has')]),
    })
    expect((await look([node('edge-1')], { template: false })).changes).toMatchObject(blocked)
    await session.close()
    stop.abort()
  })
})

describe('the privileges that preflight asks for', () => {
  it('have one to move machines only where one is not on the host of its card, or hosts are rebooted', async () => {
    const privileges = allPrivileges().filter((each) => each !== 'Resource.ColdMigrate')
    const rig = await openRig({ ...SEED, privileges })
    const lacking = async (host: string, more: object = {}) => {
      const site = wanted([node('edge-1', { host, nitrox: true })], more)
      const { facts } = await rig.run(
        preflight({ ...site, portGroups: [...site.portGroups], nodes: [...site.nodes] }),
      )
      return (facts as Facts).lacking?.flatMap((each) => each.privileges)
    }
    expect(await lacking('esx-1.lab')).toEqual([])
    expect(await lacking('esx-1.lab', { rebootHosts: true })).toEqual(['Resource.ColdMigrate'])
    const place = { datacenter: 'FRA', computeCluster: 'edge', datastore: 'ssd-1', folder: 'edges' }
    const networks = ['vse', 'vse', 'vse']
    await rig.run(ova({ ...place, vm: 'edge-1', host: 'esx-2.lab', image: rig.image, networks }))
    expect(await lacking('esx-2.lab')).toEqual([])
    expect(await lacking('esx-1.lab')).toEqual(['Resource.ColdMigrate'])
    await rig.close()
  })

  const ref = (type: string) => ({ type, value: type })
  const all = {
    compute: ref('ClusterComputeResource'),
    pool: ref('ResourcePool'),
    folder: ref('Folder'),
    datastore: ref('Datastore'),
    networkFolder: ref('Folder'),
  }
  const asked = (wantedOnes: ReturnType<typeof wanted>, ...there: string[]): readonly string[] => {
    const networks = new Map(there.map((name) => [name, ref('Network')]))
    // A machine with a card is made on another host below.
    return planPrivileges({ ...all, networks }, wantedOnes, true).flatMap(({ privileges }) => privileges)
  }

  const hosts = SEED.hosts.map((each) => ({ ...each, passthroughNeedsReboot: true }))
  const dvs = (name: string) => ({ portGroups: [{ name, kind: 'distributed', switch: 'dvs' }] })
  const cards = [node('edge-1', { host: 'esx-1.lab', nitrox: true }), node('edge-2', { host: 'esx-2.lab' })]
  const alone = { datacenter: 'ha-datacenter', computeCluster: undefined, host: 'esx.lab', folder: undefined }

  const cases = [
    ['standard port groups', SEED, wanted([node('edge-1'), node('edge-2')])],
    [
      'a distributed port group, a NITROX card, and hosts that are rebooted',
      { ...SEED, hosts },
      wanted(cards, { rebootHosts: true, ...dvs('dvs-vse') }),
    ],
    ['a host without a vCenter', ESXI, wanted([node('edge-1')], alone)],
  ] as const
  const others = [
    ['an image for each machine', SEED, wanted([node('edge-1')], { template: false })],
    ['a distributed port group', SEED, wanted([node('edge-1'), node('edge-2')], dvs('dvs-vse'))],
    ['a distributed port group to be made', SEED, wanted([node('edge-1')], dvs('dvs-later'))],
    ['a NITROX card', SEED, wanted(cards)],
  ] as const

  it.each([...cases, ...(IS_THOROUGH ? others : [])])(
    'are all that a deployment takes, with %s',
    async (_, seed, site) => {
      const isAlone = seed.kind === 'esxi'
      const there = site.portGroups.some(({ name }) => name === 'dvs-later') ? [] : ['vse', 'dvs-vse']
      const privileges = asked({ ...site, template: site.template && !isAlone }, ...there, 'dvs')
      expect(allPrivileges()).toEqual(expect.arrayContaining([...privileges]))
      const rig = await openRig({ ...seed, privileges }, { scale: 20_000 })
      const { datacenter, computeCluster, host: only, folder, rebootHosts } = site
      const compute = { datacenter, computeCluster, host: only }
      const [group] = site.portGroups
      if (group === undefined) throw new Error('no port group')
      const { kind, switch: on, name } = group
      const vmOf = (vm: string) =>
        `/${[datacenter, 'vm', folder, vm].filter((part) => part !== undefined).join('/')}`
      const networks = [name, name, name]
      const make = (vm: string, at = only) =>
        ova({
          ...compute,
          folder,
          datastore: 'ssd-1',
          vm,
          host: at,
          image: rig.image,
          networks,
          template: site.template,
        })
      const run = async (task: Task): Promise<void> => expect(await rig.run(task)).toMatchObject({ left: [] })

      await run(preflight({ ...site, portGroups: [...site.portGroups], nodes: [...site.nodes] }))
      await run(hostOption({ ...compute, portGroups: [{ name, kind, switch: on }] }))
      await run(portGroup({ ...compute, name, kind, switch: on }))
      for (const { name: vm, host: own, nitrox } of site.nodes) {
        // The one that has to have a card is where DRS has put it, and not where it should be.
        await run(make(vm, nitrox ? 'esx-2.lab' : (own ?? only)))
        const hardware = {
          vm: vmOf(vm),
          cpus: 6,
          memoryMB: 49_152,
          diskGB: 600,
          networks: [...networks, name],
        }
        await run(vmHardware({ ...hardware, host: own, reserveMemory: nitrox }))
        if (nitrox) {
          await run(hostPassthrough({ ...compute, host: own, reboot: rebootHosts }))
          await run(vmPci({ vm: vmOf(vm), host: own }))
        }
        await run(vmPower({ vm: vmOf(vm), stays: own !== undefined }))
        await run(vmHardware({ ...hardware, host: own, reserveMemory: nitrox, cpus: 8 }))
      }
      const vms = site.nodes.map((each) => vmOf(each.name))
      if (vms.length > 1)
        await run(antiAffinity({ datacenter, computeCluster: 'edge', name: 'VSE fra-1', vms }))
      const [vm = ''] = vms
      const { signal } = new AbortController()
      const screen = rig.session.console(vm, { writable: true })
      await screen.screen(signal)
      expect(await screen.type?.([{ usage: 4, shift: false, control: false, alt: false }], signal)).toBe(1)
      const machine = await rig.reader.machine(vm)
      const card = machine?.devices.find(({ key }) => key === machine.nics[0]?.key)
      const device = {
        ...card!,
        connectable: { startConnected: true, connected: false, allowGuestControl: true },
      }
      const spec = { deviceChange: [{ operation: 'edit', device }] } as const
      await rig.writer.runTask('ReconfigVM_Task', { self: machine!.ref, args: { spec }, what: 'unplugging' })
      expect(await rig.check(make('edge-1'))).toHaveLength(1)
      await run(make('edge-1'))
      await run(vmPower({ vm, state: 'off' }))
      await run(vmAbsent({ vm }))
      await rig.close()
    },
  )
})
