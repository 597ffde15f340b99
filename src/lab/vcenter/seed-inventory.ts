import type { ObjectName } from '../../connect/govmomi/schema/objects.ts'
import type { SeedVCenter } from '../../model/lab-seed.ts'
import { createOptions } from './host-options.ts'
import { chooseUuid } from './identity.ts'
import type { Ref } from './model/managed-object.ts'
import type { DistributedGroupState, HostState, InventoryState, StandardGroupState } from './model/state.ts'
import { cardIdsOf } from './nitrox.ts'

type IdOf = <T extends ObjectName>(type: T, key: string) => Ref<T>

/** Adds the hosts that the inventory does not have yet, and the cards that its hosts do not have yet. */
export function seedHosts(seed: SeedVCenter, state: InventoryState, idOf: IdOf): void {
  for (const host of seed.hosts) {
    let known = state.hosts.find(({ name }) => name === host.name)
    if (known === undefined) {
      known = createHostState(host.name, idOf)
      state.hosts.push(known)
    }
    for (const id of cardIdsOf(host)) known.passthrough[id] ??= { enabled: false, active: false }
  }
}

function createHostState(name: string, idOf: IdOf): HostState {
  return {
    moid: idOf('HostSystem', name).value,
    name,
    options: createOptions(),
    portGroups: [],
    passthrough: {},
    maintenance: false,
  }
}

/** Adds the networks that were never there. One that was deleted stays deleted; a new host gets those of the others. */
export function seedNetworks(seed: SeedVCenter, state: InventoryState, idOf: IdOf): void {
  for (const network of seed.networks.filter(({ exists }) => exists)) {
    const on = network.hosts ?? state.hosts.map(({ name }) => name)
    const places = network.kind === 'standard' ? on : ['']
    for (const place of places) {
      const key = `${place}/${network.name}`
      if (state.seeded.includes(key)) continue
      state.seeded.push(key)
      if (network.kind === 'standard') {
        const { name, vlan: vlanId, switch: vswitch } = network
        const group = createStandardGroup({ name, vlanId, vswitch })
        state.hosts.find((host) => host.name === place)?.portGroups.push(group)
      } else {
        state.distributed.push(createDistributedGroup(network, idOf))
      }
    }
  }
}

/** A port group of a host's switch that inherits everything. */
export function createStandardGroup(
  spec: Pick<StandardGroupState, 'name' | 'vlanId' | 'vswitch'>,
): StandardGroupState {
  return { ...spec, security: {}, overrides: {} }
}

/** A port group of a distributed switch as the switch makes one where nothing is said: everything rejected. */
export function createDistributedGroup(
  spec: { readonly name: string; readonly vlan: number; readonly switch: string },
  idOf: IdOf,
): DistributedGroupState {
  const { value } = idOf('DistributedVirtualPortgroup', spec.name)
  return {
    moid: value,
    key: value,
    name: spec.name,
    dvs: spec.switch,
    configVersion: 0,
    vlanId: spec.vlan,
    numPorts: 8,
    type: 'earlyBinding',
    autoExpand: true,
    security: { allowPromiscuous: false, macChanges: false, forgedTransmits: false },
    mac: { allowPromiscuous: false, macChanges: false, forgedTransmits: false },
    settings: {},
  }
}

/** The UUID of a distributed switch. */
export function switchUuidOf(seed: SeedVCenter, name: string): string {
  return chooseUuid(`${seed.host}/dvs/${name}`, () => false)
}
