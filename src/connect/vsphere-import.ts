import { ModuleError } from '../model/error.ts'
import { joinPath, selectNearest } from './govmomi/find.ts'
import { computePath } from './govmomi/object/host.ts'
import { importOva, type Placement } from './govmomi/ovf/import.ts'
import { openOva, type Ova } from './govmomi/ovf/ova.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import type { Ground } from './vsphere-ground.ts'
import type { OvaImport, VmPlacement } from './vsphere.ts'

interface Place extends Placement {
  readonly networks: ReadonlyMap<string, MoRef>
}

async function resolvePlace({ finder, properties }: Ground, placement: VmPlacement): Promise<Place> {
  const { datacenter, computeCluster, host, resourcePool, folder, datastore } = placement
  const path = computePath(placement)
  if (path === undefined) {
    throw new ModuleError(`nothing says on what in ${datacenter} the virtual machine should run`, {
      hint: 'name a compute cluster or a host in the placement',
    })
  }
  const [compute, store, home] = await Promise.all([
    finder.require('ComputeResource', path),
    finder.require('Datastore', joinPath(datacenter, 'datastore', datastore)),
    finder.require('Folder', joinPath(datacenter, 'vm', ...(folder === undefined ? [] : folder.split('/')))),
  ])
  const way = { from: compute, via: [{ type: 'ComputeResource', path: 'network' }] } as const
  const [pool, on, networks] = await Promise.all([
    resourcePool === undefined
      ? properties.get('ComputeResource', compute, ['resourcePool']).then((values) => values.resourcePool)
      : finder.require('ResourcePool', `${path}/Resources/${resourcePool}`),
    host === undefined || computeCluster === undefined
      ? undefined
      : finder.require('HostSystem', `${path}/${host.replaceAll('/', '%2f')}`),
    properties.list('Network', way, ['name']),
  ])
  if (pool === undefined) throw new ModuleError(`${path} has no resource pool`)
  return {
    resourcePool: pool,
    datastore: store,
    folder: home,
    host: on,
    networks: new Map(networks.map(({ ref, values }) => [values.name, ref])),
  }
}

// The descriptor knows its own names for networks; the adapters say which of ours each of them becomes.
function mapNetworks(ova: Ova, wanted: readonly string[], known: Place['networks']): Record<string, MoRef> {
  const { networks, adapters } = ova.descriptor
  const mapping: Record<string, MoRef> = {}
  for (const network of new Set([...adapters, ...networks])) {
    const name = wanted[adapters.indexOf(network)] ?? wanted[0]
    if (name === undefined || network === '') continue
    const ref = known.get(name)
    if (ref === undefined) {
      const nearest = selectNearest(name, [...known.keys()])
      throw new ModuleError(`the network ${name} is not on the hosts where the virtual machine should run`, {
        hint:
          nearest === undefined
            ? `they have ${[...known.keys()].slice(0, 8).join(', ')}`
            : `did you mean ${nearest}?`,
      })
    }
    mapping[network] = ref
  }
  return mapping
}

async function openImage(path: string): Promise<Ova> {
  try {
    return await openOva(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR') throw cause
    throw new ModuleError(`the image ${path} cannot be opened: ${code}`, { cause })
  }
}

/** Imports an OVA, with places and networks by name. */
export async function importInto(ground: Ground, wanted: OvaImport): Promise<MoRef> {
  const { session, watcher, signal } = ground
  const ova = await openImage(wanted.image)
  try {
    const { networks, ...placement } = await resolvePlace(ground, wanted.placement)
    return await importOva(
      { session, watcher },
      {
        ova,
        name: wanted.name,
        placement,
        networks: mapNetworks(ova, wanted.networks, networks),
        thin: wanted.thin,
        patch: { annotation: wanted.annotation, extraConfig: wanted.settings },
        signal,
        onProgress: wanted.onProgress,
        onWarning: wanted.onWarning,
      },
    )
  } finally {
    await ova.close()
  }
}
