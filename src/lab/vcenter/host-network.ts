import type { Input, Value } from '../../connect/govmomi/schema/values.ts'
import type { Json } from '../../model/change.ts'
import { chooseMac } from './identity.ts'
import { objectAt, textAt, toJson } from './json.ts'
import { hasSwitch, isMember } from './membership.ts'
import type { Host } from './model/host.ts'
import { faults } from './model/method-fault.ts'
import type { StandardGroupState } from './model/state.ts'
import type { World } from './model/world.ts'
import { inheritPolicy, SWITCH_POLICY } from './policy.ts'
import { createStandardGroup, switchUuidOf } from './seed-inventory.ts'
import { teamsOf } from './uplinks.ts'

const PORTS = 2560

const keyOf = (device: string): string => `key-vim.host.PhysicalNic-${device}`

/** A host's uplinks, switches and port groups. */
export function describeNetwork(world: World, host: Host): Input<'HostNetworkInfo'> {
  const { inventory, seed } = world
  const teams = teamsOf(world, host)
  const teamOf = (name: string): readonly string[] => teams.get(name) ?? []
  return {
    vswitch: inventory.standardSwitches
      .filter((name) => hasSwitch(world, host, name))
      .map((name) => describeSwitch(name, host, teamOf(name))),
    proxySwitch: inventory.distributedSwitches
      .filter((name) => isMember(world, host, name))
      .map((name) => ({
        dvsUuid: switchUuidOf(seed, name),
        dvsName: name,
        key: `key-vim.host.HostProxySwitch-${name}`,
        numPorts: PORTS,
        numPortsAvailable: PORTS - 10,
        uplinkPort: teamOf(name).map((_, index) => ({ key: String(index), value: `Uplink ${index + 1}` })),
        mtu: 1500,
        pnic: teamOf(name).map(keyOf),
      })),
    portgroup: host.state.portGroups.map((group) => describeGroup(group, teamOf(group.vswitch))),
    pnic: [...teams.values()].flat().map((device, index) => ({
      key: keyOf(device),
      device,
      pci: `0000:${(0x19 + (index >> 1)).toString(16)}:00.${index % 2}`,
      driver: 'ixgben',
      linkSpeed: { speedMb: 10_000, duplex: true },
      wakeOnLanSupported: false,
      mac: chooseMac(`${seed.host}/${host.seed.name}/${device}`, () => false),
    })),
  }
}

function describeSwitch(name: string, { state }: Host, team: readonly string[]): Input<'HostVirtualSwitch'> {
  const groups = state.portGroups.filter(({ vswitch }) => vswitch === name)
  return {
    name,
    key: `key-vim.host.VirtualSwitch-${name}`,
    numPorts: PORTS,
    numPortsAvailable: PORTS - 10,
    mtu: 1500,
    portgroup: groups.map((group) => `key-vim.host.PortGroup-${group.name}`),
    pnic: team.map(keyOf),
    spec: {
      numPorts: 128,
      ...(team.length > 0 && {
        bridge: { $type: 'HostVirtualSwitchBondBridge', nicDevice: team } as Input<'HostVirtualSwitchBridge'>,
      }),
      policy: { security: SWITCH_POLICY, nicTeaming: describeTeaming(team) },
      mtu: 1500,
    },
  }
}

function describeGroup(group: StandardGroupState, uplinks: readonly string[]): Input<'HostPortGroup'> {
  const overrides = group.overrides as Input<'HostNetworkPolicy'>
  return {
    key: `key-vim.host.PortGroup-${group.name}`,
    vswitch: `key-vim.host.VirtualSwitch-${group.vswitch}`,
    computedPolicy: {
      nicTeaming: describeTeaming(uplinks),
      ...overrides,
      security: inheritPolicy(group.security),
    },
    spec: {
      name: group.name,
      vlanId: group.vlanId,
      vswitchName: group.vswitch,
      policy: {
        ...overrides,
        ...(Object.keys(group.security).length > 0 && { security: group.security }),
      },
    },
  }
}

function describeTeaming(uplinks: readonly string[]): Input<'HostNicTeamingPolicy'> {
  return {
    policy: 'loadbalance_srcid',
    reversePolicy: true,
    notifySwitches: true,
    rollingOrder: false,
    nicOrder: { activeNic: uplinks },
  }
}

/** Adds a port group as it is specified. Throws `AlreadyExists`, or `NotFound` where there is no such switch. */
export function addPortGroup(world: World, host: Host, spec: Value<'HostPortGroupSpec'>): void {
  if (host.state.portGroups.some(({ name }) => name === spec.name)) throw faults.alreadyExists(spec.name)
  host.state.portGroups.push(toGroup(world, host, spec))
}

/** Replaces a port group by what is specified: whatever the specification leaves out is inherited from then on. */
export function updatePortGroup(
  world: World,
  host: Host,
  { pgName, portgrp }: { readonly pgName: string; readonly portgrp: Value<'HostPortGroupSpec'> },
): void {
  const groups = host.state.portGroups
  const at = groups.findIndex(({ name }) => name === pgName)
  if (at < 0) throw faults.notFound()
  if (portgrp.name !== pgName && groups.some(({ name }) => name === portgrp.name))
    throw faults.alreadyExists(portgrp.name)
  groups[at] = toGroup(world, host, portgrp)
}

/** Removes a port group that no machine of the host is plugged into. */
export function removePortGroup(world: World, host: Host, name: string): void {
  const at = host.state.portGroups.findIndex((group) => group.name === name)
  if (at < 0) throw faults.notFound()
  const isUsed = world.vms
    .all()
    .some(
      ({ state }) =>
        state.host === host.state.moid &&
        state.devices.some((device) => textAt(objectAt(device, 'backing'), 'deviceName') === name),
    )
  if (isUsed) throw faults.resourceInUse(name)
  host.state.portGroups.splice(at, 1)
}

function toGroup(world: World, host: Host, spec: Value<'HostPortGroupSpec'>): StandardGroupState {
  const { name, vlanId, vswitchName, policy } = spec
  if (name === '' || vlanId < 0 || vlanId > 4095) throw faults.invalidArgument('portgrp')
  if (!hasSwitch(world, host, vswitchName)) throw faults.notFound()
  const { security = {}, ...rest } = toJson(policy) as Record<string, Json>
  return {
    ...createStandardGroup({ name, vlanId, vswitch: vswitchName }),
    security: security as StandardGroupState['security'],
    overrides: rest,
  }
}
