import { joinPath, type VSphereReader } from '#sdk'

import type { Facts } from './facts.ts'
import type { Params } from './params.ts'
import type { Places } from './privileges.ts'

type ObjectName = Parameters<VSphereReader['find']>[0]

/** What is at the places of the placement, and the paths at which nothing is. */
export interface FoundPlaces extends Places {
  readonly datacenter: Places['compute']
  readonly missing: Facts['missing']
}

/** Looks every place up, all at once. A port group that is made later may be missing; its distributed switch may not. */
export async function readPlaces(connection: VSphereReader, params: Params): Promise<FoundPlaces> {
  const { datacenter, computeCluster, host, resourcePool = '', folder = '', datastore, portGroups } = params
  const compute = computeCluster ?? host
  const missing: { readonly type: ObjectName; readonly path: string }[] = []

  async function look(type: ObjectName, path: string) {
    const ref = await connection.find(type, path)
    if (ref === undefined) missing.push({ type, path })
    return ref
  }
  const home = joinPath(datacenter, 'host', compute ?? '')
  const wanted = portGroups.flatMap(({ name, kind, switch: on, made }) => [
    { name, type: 'Network', optional: made || kind === 'standard' } as const,
    ...(kind === 'distributed'
      ? [{ name: on, type: 'DistributedVirtualSwitch', optional: false } as const]
      : []),
  ])
  const [datacenterRef, computeRef, poolRef, folderRef, datastoreRef, networkFolder, found] =
    await Promise.all([
      look('Datacenter', joinPath(datacenter)),
      compute === undefined ? undefined : look('ComputeResource', home),
      compute === undefined
        ? undefined
        : look('ResourcePool', joinPath(home, 'Resources', ...resourcePool.split('/'))),
      look('Folder', joinPath(datacenter, 'vm', ...folder.split('/'))),
      look('Datastore', joinPath(datacenter, 'datastore', datastore)),
      connection.find('Folder', joinPath(datacenter, 'network')),
      Promise.all(
        wanted.map(async ({ name, type, optional }) => {
          const path = joinPath(datacenter, 'network', name)
          return [name, await (optional ? connection.find(type, path) : look(type, path))] as const
        }),
      ),
    ])
  // Below a place that is missing, everything is: the first one is enough.
  const first = missing
    .filter(({ path }) => !missing.some((above) => path.startsWith(`${above.path}/`)))
    .toSorted((a, b) => a.path.localeCompare(b.path, 'en'))
  return {
    datacenter: datacenterRef,
    compute: computeRef,
    pool: poolRef,
    folder: folderRef,
    datastore: datastoreRef,
    networkFolder,
    networks: new Map(found.flatMap(([name, ref]) => (ref === undefined ? [] : [[name, ref]]))),
    missing: await Promise.all(
      first.map(async ({ type, path }) => ({ path, instead: await connection.explain(type, path) })),
    ),
  }
}
