import type { Input } from '../../../connect/govmomi/schema/values.ts'
import { freeBytesOf, uncommittedBytesOf } from '../datastores.ts'
import type { ManagedObject, Ref } from '../model/managed-object.ts'
import type { World } from '../model/world.ts'
import { hardwareIdOf } from '../nitrox.ts'
import { createBrowser, createCompute } from './compute.ts'
import { createDatacenter } from './datacenter.ts'
import { entityProperties } from './entity.ts'
import { createFolder, createMadeFolder, createVmFolders } from './folder.ts'
import { createPool } from './pool.ts'

const GIGABYTE = 1n << 30n

/** Makes everything that stands still: folders, the datacenter, its compute resource, pools and datastores. */
export function createPlaces(world: World): readonly ManagedObject[] {
  const { seed, inventory } = world
  const { places } = inventory
  const onHost = seed.kind === 'esxi'
  const path = seed.datacenter.split('/').filter((part) => part !== '')
  const datacenterName = onHost ? 'ha-datacenter' : (path.at(-1) ?? 'Datacenter')

  const objects: ManagedObject[] = [
    createFolder(world, {
      ref: places.root,
      name: onHost ? 'ha-folder-root' : 'Datacenters',
      parent: undefined,
    }),
  ]
  let parent: Ref<'Folder'> = places.root
  for (const name of onHost ? [] : path.slice(0, -1)) {
    const ref = inventory.idOf('Folder', `datacenters/${parent.value}/${name}`)
    objects.push(createFolder(world, { ref, name, parent }))
    parent = ref
  }
  objects.push(
    createDatacenter(world, { name: datacenterName, parent }),
    createFolder(world, { ref: places.vmFolder, name: 'vm', parent: places.datacenter }),
    createFolder(world, { ref: places.hostFolder, name: 'host', parent: places.datacenter }),
    createFolder(world, { ref: places.datastoreFolder, name: 'datastore', parent: places.datacenter }),
    createFolder(world, { ref: places.networkFolder, name: 'network', parent: places.datacenter }),
    createCompute(world),
    createBrowser(world),
    createPool(world, { ref: places.pool, name: 'Resources', parent: places.compute }),
    ...seed.resourcePools.map((name) =>
      createPool(world, { ref: inventory.idOf('ResourcePool', name), name, parent: places.pool }),
    ),
    ...seed.datastores.map(({ name, capacityGB }) =>
      createDatastore(world, name, BigInt(capacityGB) * GIGABYTE),
    ),
  )
  for (const folder of seed.folders) objects.push(...createVmFolders(world, folder))
  for (const made of inventory.state.folders) objects.push(createMadeFolder(world, made))
  return objects
}

function createDatastore(world: World, name: string, capacity: bigint): ManagedObject {
  const { inventory, vms } = world
  const ref = inventory.idOf('Datastore', name)
  const url = `ds:///vmfs/volumes/${hardwareIdOf(world.seed, name)}/`
  const machines = () => vms.all().filter(({ state }) => state.datastore === name)
  const free = (): bigint => BigInt(Math.max(0, freeBytesOf(world, name)))
  return {
    ref,
    properties: {
      ...entityProperties(
        () => name,
        () => inventory.places.datastoreFolder,
      ),
      info: () => ({ name, url, freeSpace: free(), maxFileSize: 64n << 40n, maxMemoryFileSize: 64n << 40n }),
      summary: (): Input<'DatastoreSummary'> => ({
        datastore: ref,
        name,
        url,
        capacity,
        freeSpace: free(),
        uncommitted: BigInt(uncommittedBytesOf(world, name)),
        accessible: true,
        multipleHostAccess: world.seed.hosts.length > 1,
        type: 'VMFS',
        maintenanceMode: 'normal',
      }),
      vm: () => machines().map((vm) => vm.ref),
      browser: () => ({ type: 'HostDatastoreBrowser', value: `datastoreBrowser-${ref.value}` }),
    },
    methods: {},
  }
}
