import type { VSphereReader } from '#sdk'

import type { Params } from './params.ts'
import type { Places } from './privileges.ts'

const trim = (path: string): string => path.replaceAll(/^\/+|\/+$/g, '')
const escape = (name: string): string => name.replaceAll('/', '%2f')

/** What is at the places of the placement, and the paths at which nothing is. */
export interface FoundPlaces extends Places {
  readonly datacenter: Places['compute']
  readonly missing: readonly string[]
}

/** Looks every place up, all at once. A port group that is made later may be missing; its distributed switch may not. */
export async function readPlaces(connection: VSphereReader, params: Params): Promise<FoundPlaces> {
  const { computeCluster, host, resourcePool, folder, datastore, portGroups } = params
  const root = `/${trim(params.datacenter)}`
  const compute = computeCluster ?? host
  const missing: string[] = []

  async function look(type: Parameters<VSphereReader['find']>[0], path: string) {
    const ref = await connection.find(type, path)
    if (ref === undefined) missing.push(path)
    return ref
  }
  const pool = resourcePool === undefined ? 'Resources' : `Resources/${escape(resourcePool)}`
  const wanted = portGroups.flatMap(({ name, kind, switch: on, made }) => [
    { name, type: 'Network', optional: made || kind === 'standard' } as const,
    ...(kind === 'distributed'
      ? [{ name: on, type: 'DistributedVirtualSwitch', optional: false } as const]
      : []),
  ])
  const [datacenterRef, computeRef, poolRef, folderRef, datastoreRef, networkFolder, found] =
    await Promise.all([
      look('Datacenter', root),
      compute === undefined ? undefined : look('ComputeResource', `${root}/host/${escape(compute)}`),
      compute === undefined ? undefined : look('ResourcePool', `${root}/host/${escape(compute)}/${pool}`),
      look('Folder', folder === undefined ? `${root}/vm` : `${root}/vm/${trim(folder)}`),
      look('Datastore', `${root}/datastore/${escape(datastore)}`),
      connection.find('Folder', `${root}/network`),
      Promise.all(
        wanted.map(async ({ name, type, optional }) => {
          const path = `${root}/network/${escape(name)}`
          return [name, await (optional ? connection.find(type, path) : look(type, path))] as const
        }),
      ),
    ])
  return {
    datacenter: datacenterRef,
    compute: computeRef,
    pool: poolRef,
    folder: folderRef,
    datastore: datastoreRef,
    networkFolder,
    networks: new Map(found.flatMap(([name, ref]) => (ref === undefined ? [] : [[name, ref]]))),
    // Below a place that is missing, everything is: the first one is enough.
    missing: missing
      .filter((path) => !missing.some((above) => path.startsWith(`${above}/`)))
      .toSorted((a, b) => a.localeCompare(b, 'en')),
  }
}
