import type { MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import { refersTo } from '../describe-vm.ts'
import { addGroups, describeGroupConfig, reconfigureGroup } from '../distributed.ts'
import { isMember } from '../membership.ts'
import type { Host } from '../model/host.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import type { DistributedGroupState } from '../model/state.ts'
import type { World } from '../model/world.ts'
import { releaseChecks } from '../reverse-path.ts'
import { switchUuidOf } from '../seed-inventory.ts'
import { teamsOf } from '../uplinks.ts'
import { entityProperties } from './entity.ts'

const DURATION = 1000

/** The networks that a host's machines can be plugged into. */
export function networksOf(world: World, host: Host): readonly MoRef[] {
  const { inventory } = world
  return [
    ...host.state.portGroups.map(({ name }) => inventory.idOf('Network', name)),
    ...inventory.state.distributed.filter(({ dvs }) => isMember(world, host, dvs)).map(refOf),
  ]
}

/** All networks. */
export function allNetworks(world: World): readonly MoRef[] {
  const refs = [
    ...world.inventory.hosts.flatMap((host) => networksOf(world, host)),
    ...world.inventory.state.distributed.map(refOf),
  ]
  return [...new Map(refs.map((ref) => [ref.value, ref])).values()]
}

/** Makes the network objects fit the port groups: hosts' groups of one name are one network. */
export function syncNetworks(world: World): void {
  const wanted = new Set(allNetworks(world).map(({ value }) => value))
  for (const { ref } of world.objects.values()) {
    const isNetwork = ref.type === 'Network' || ref.type === 'DistributedVirtualPortgroup'
    if (!isNetwork || wanted.has(ref.value)) continue
    world.objects.delete(ref.value)
    world.changes.touch(ref.value)
  }
  const names = new Set(
    world.inventory.hosts.flatMap(({ state }) => state.portGroups.map(({ name }) => name)),
  )
  for (const name of names) add(world, createNetwork(world, name))
  for (const group of world.inventory.state.distributed) add(world, createGroup(world, group))
  world.inventory.save()
  world.changes.restructure()
}

function add(world: World, object: ManagedObject): void {
  if (!world.objects.has(object.ref.value)) world.objects.set(object.ref.value, object)
  world.changes.touch(object.ref.value)
}

const refOf = ({ moid }: DistributedGroupState): Ref<'DistributedVirtualPortgroup'> => ({
  type: 'DistributedVirtualPortgroup',
  value: moid,
})

function pluggedIn(world: World, ref: MoRef): readonly MoRef[] {
  return world.vms
    .all()
    .filter((vm) => refersTo(world, vm).some(({ value }) => value === ref.value))
    .map((vm) => vm.ref)
}

function networkProperties(world: World, ref: MoRef, name: () => string): ManagedObject['properties'] {
  return {
    ...entityProperties(name, () => world.inventory.places.networkFolder),
    summary: () => ({ network: ref, name: name(), accessible: true, ipPoolName: '' }),
    host: () =>
      world.inventory.hosts
        .filter((host) => networksOf(world, host).some(({ value }) => value === ref.value))
        .map(({ state }): MoRef => ({ type: 'HostSystem', value: state.moid })),
    vm: () => pluggedIn(world, ref),
  }
}

function createNetwork(world: World, name: string): ManagedObject {
  const ref = world.inventory.idOf('Network', name)
  return { ref, properties: networkProperties(world, ref, () => name), methods: {} }
}

function createGroup(world: World, group: DistributedGroupState): ManagedObject {
  const ref = refOf(group)
  return {
    ref,
    properties: {
      ...networkProperties(world, ref, () => group.name),
      key: () => group.key,
      config: () =>
        describeGroupConfig(group, world.inventory.idOf('VmwareDistributedVirtualSwitch', group.dvs)),
      portKeys: () => Array.from({ length: group.numPorts }, (_, index) => String(index)),
    },
    methods: {
      ReconfigureDVPortgroup_Task: method(({ spec }: { spec: Value<'DVPortgroupConfigSpec'> }, { session }) =>
        world.tasks.start(
          {
            entity: ref,
            entityName: group.name,
            description: 'DistributedVirtualPortgroup.reconfigure',
            userName: session.userName,
            duration: DURATION,
          },
          async () => {
            reconfigureGroup(world, group, spec)
            syncNetworks(world)
            releaseChecks(world)
            return undefined
          },
        ),
      ),
    },
  }
}

/** Makes a distributed switch; all hosts are members of it. */
export function createSwitch(world: World, name: string): ManagedObject {
  const { inventory, seed } = world
  const ref = inventory.idOf('VmwareDistributedVirtualSwitch', name)
  const uuid = switchUuidOf(seed, name)
  const groups = (): readonly DistributedGroupState[] =>
    inventory.state.distributed.filter(({ dvs }) => dvs === name)
  const members = (): readonly Host[] => inventory.hosts.filter((host) => isMember(world, host, name))
  const hosts = (): readonly MoRef[] =>
    members().map(({ state }) => ({ type: 'HostSystem', value: state.moid }))
  const uplinksOf = (host: Host): readonly string[] => teamsOf(world, host).get(name) ?? []
  const numPorts = (): number => groups().reduce((sum, group) => sum + group.numPorts, 0)
  const product = { name: 'DVS', vendor: 'VMware, Inc.', version: '8.0.3', forwardingClass: 'etherswitch' }
  return {
    ref,
    properties: {
      ...entityProperties(
        () => name,
        () => inventory.places.networkFolder,
      ),
      uuid: () => uuid,
      summary: () => ({
        name,
        uuid,
        numPorts: numPorts(),
        productInfo: product,
        hostMember: hosts(),
        vm: [],
        host: hosts(),
        portgroupName: groups().map((group) => group.name),
        numHosts: hosts().length,
      }),
      config: () => ({
        $type: 'VMwareDVSConfigInfo',
        uuid,
        name,
        numStandalonePorts: 0,
        numPorts: numPorts(),
        maxPorts: 60_000,
        uplinkPortPolicy: {
          $type: 'DVSNameArrayUplinkPortPolicy',
          uplinkPortName: ['Uplink 1', 'Uplink 2'],
        },
        defaultPortConfig: { $type: 'VMwareDVSPortSetting' },
        host: members().map((host) => ({
          config: {
            host: { type: 'HostSystem', value: host.state.moid },
            maxProxySwitchPorts: 2560,
            backing: {
              $type: 'DistributedVirtualSwitchHostMemberPnicBacking',
              pnicSpec: uplinksOf(host).map((pnicDevice, index) => ({
                pnicDevice,
                uplinkPortKey: String(index),
              })),
            },
          },
          status: 'up',
        })),
        productInfo: product,
        configVersion: '1',
        createTime: '2024-01-01T00:00:00Z',
        maxMtu: 1500,
      }),
      portgroup: () => groups().map(refOf),
    },
    methods: {
      AddDVPortgroup_Task: method(({ spec }: { spec: Value<'DVPortgroupConfigSpec'>[] }, { session }) =>
        world.tasks.start(
          {
            entity: ref,
            entityName: name,
            description: 'DistributedVirtualSwitch.addPortgroups',
            userName: session.userName,
            duration: DURATION,
          },
          async () => {
            addGroups(world, name, spec)
            syncNetworks(world)
            world.changes.touch(ref.value)
            return undefined
          },
        ),
      ),
    },
  }
}
