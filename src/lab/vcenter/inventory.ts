import type { ObjectName } from '../../connect/govmomi/schema/objects.ts'
import type { SeedNetwork, SeedVCenter } from '../../model/lab-seed.ts'
import type { DocumentStore } from '../../state/document-store.ts'
import type { Inventory, Places } from './model/inventory.ts'
import type { Ref } from './model/managed-object.ts'
import type { Saves } from './model/saves.ts'
import type { InventoryState } from './model/state.ts'
import { seedHosts, seedNetworks } from './seed-inventory.ts'

const PREFIXES: Partial<Record<ObjectName, string>> = {
  Folder: 'group-d',
  Datacenter: 'datacenter-',
  ClusterComputeResource: 'domain-c',
  ComputeResource: 'domain-s',
  ResourcePool: 'resgroup-',
  HostSystem: 'host-',
  Datastore: 'datastore-',
  Network: 'network-',
  VmwareDistributedVirtualSwitch: 'dvs-',
  DistributedVirtualPortgroup: 'dvportgroup-',
  EnvironmentBrowser: 'envbrowser-',
}

/** The ids that a standalone host has given its own things since the first release. */
const HOST_IDS: Readonly<Record<string, string>> = {
  'Folder/': 'ha-folder-root',
  'Folder/vm': 'ha-folder-vm',
  'Folder/host': 'ha-folder-host',
  'Folder/datastore': 'ha-folder-datastore',
  'Folder/network': 'ha-folder-network',
  'Datacenter/': 'ha-datacenter',
  'ComputeResource/': 'ha-compute-res',
  'ResourcePool/': 'ha-root-pool',
}

/** Opens the inventory that the store keeps, and adds what the seed has and it has not. */
export async function openInventory(
  seed: SeedVCenter,
  { store, saves }: { readonly store: DocumentStore; readonly saves: Saves },
): Promise<Inventory> {
  const document = await store.open<InventoryState>(`vcenter/${seed.host}/inventory`, () => ({
    ids: {},
    nextId: 1,
    hosts: [],
    distributed: [],
    folders: [],
    seeded: [],
    generations: {},
    vms: [],
  }))
  const state = document.value

  function idOf<T extends ObjectName>(type: T, key: string): Ref<T> {
    const name = `${type}/${key}`
    const value = (state.ids[name] ??=
      (seed.kind === 'esxi' ? hostIdOf(type, key) : undefined) ??
      `${PREFIXES[type] ?? `${type}-`}${state.nextId++}`)
    return { type, value }
  }

  const places: Places = {
    root: idOf('Folder', ''),
    datacenter: idOf('Datacenter', ''),
    vmFolder: idOf('Folder', 'vm'),
    hostFolder: idOf('Folder', 'host'),
    datastoreFolder: idOf('Folder', 'datastore'),
    networkFolder: idOf('Folder', 'network'),
    compute: idOf(seed.computeCluster === undefined ? 'ComputeResource' : 'ClusterComputeResource', ''),
    pool: idOf('ResourcePool', ''),
  }
  const switchesOf = (kind: SeedNetwork['kind']): readonly string[] =>
    seed.networks.filter((network) => network.kind === kind).map((network) => network.switch)

  seedHosts(seed, state, idOf)
  seedNetworks(seed, state, idOf)
  saves.add(document.save())
  await saves.settled()
  return {
    state,
    places,
    idOf,
    // Every host is installed with the first one.
    standardSwitches: [...new Set(['vSwitch0', ...switchesOf('standard')])],
    distributedSwitches: [...new Set(switchesOf('distributed'))],
    save: () => saves.add(document.save()),
    hosts: seed.hosts.flatMap((each) => {
      const found = state.hosts.find(({ name }) => name === each.name)
      return found === undefined ? [] : [{ seed: each, state: found }]
    }),
  }
}

function hostIdOf(type: ObjectName, key: string): string | undefined {
  if (type === 'HostSystem') return 'ha-host'
  if (type === 'Network') return `HaNetwork-${key}`
  return HOST_IDS[`${type}/${key}`]
}
