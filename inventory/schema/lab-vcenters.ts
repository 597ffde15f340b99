import { ConfigError, type SeedHost, type SeedNetwork, type SeedVCenter } from '#sdk'

import type { VseEstate, VseSite } from './levels.ts'
import { datacenterPathOf, hostMemoryOf, hostOf, networkOf } from './settings.ts'

/** Memory of each host that the lab makes up. Some of it is the hypervisor's own. */
const HOST_MEMORY_GB = 512
const DATASTORE_GB = 500_000

/** The vCenters and ESXi hosts of an estate as they stand before the first deployment: no VSE port group, no VM. */
export function seedVCenters(estate: VseEstate): readonly SeedVCenter[] {
  const sitesOf = new Map<string, VseSite[]>()
  for (const site of estate.sites) {
    const key = `${site.vcenter.host.toLowerCase()}:${site.vcenter.port}`
    sitesOf.set(key, [...(sitesOf.get(key) ?? []), site])
  }
  return [...sitesOf.values()].map((sites) => seedVCenter(sites))
}

function distinct<T>(values: readonly (T | undefined)[]): readonly T[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}

function seedVCenter(sites: readonly VseSite[]): SeedVCenter {
  const [first] = sites
  const clusters = distinct(sites.map(({ placement }) => placement.computeCluster))
  const datacenters = distinct(sites.map((site) => datacenterPathOf(site)))
  const [datacenter] = datacenters
  if (first === undefined || datacenter === undefined || datacenters.length > 1 || clusters.length > 1) {
    throw new ConfigError(
      `the lab plays one datacenter and one compute cluster per vCenter, and ${first?.vcenter.host} has ${[...datacenters, ...clusters].join(', ')}`,
      { hint: 'rehearse the sites of that vCenter one at a time, each from an inventory file of its own' },
    )
  }
  return {
    host: first.vcenter.host,
    port: first.vcenter.port,
    username: first.vcenter.username,
    password: first.vcenter.password,
    kind: datacenter === '/ha-datacenter' ? 'esxi' : 'vcenter',
    datacenter,
    computeCluster: clusters[0],
    hosts: seedHosts(sites),
    datastores: distinct(sites.map(({ placement }) => placement.datastore)).map((name) => ({
      name,
      capacityGB: DATASTORE_GB,
    })),
    networks: seedNetworks(sites),
    folders: distinct(sites.map(({ placement }) => placement.folder)),
    resourcePools: distinct(sites.map(({ placement }) => placement.resourcePool)),
  }
}

function seedHosts(sites: readonly VseSite[]): readonly SeedHost[] {
  const machines = sites.flatMap((site) =>
    site.clusters.flatMap((cluster) =>
      cluster.nodes.map((node) => ({
        host: hostOf({ site, node }),
        memoryGB: hostMemoryOf(cluster, node),
        nitrox: node.nitrox,
      })),
    ),
  )
  const named = distinct(machines.map(({ host }) => host))
  const total = machines.reduce((sum, { memoryGB }) => sum + memoryGB, 0)
  const standalone = sites.some((site) => datacenterPathOf(site) === '/ha-datacenter')
  // Half of every host stays free, so that a rehearsal does not fail for want of the lab's own hardware.
  const wanted = Math.max(standalone ? 1 : 2, Math.ceil(total / (HOST_MEMORY_GB / 2)))
  const domain = sites[0]?.name ?? 'lab'
  const madeUp = Array.from({ length: Math.max(0, wanted - named.length) }, (_, index) =>
    standalone
      ? (sites[0]?.vcenter.host ?? 'localhost')
      : `esx-${String(index + 1).padStart(2, '0')}.${domain}.example`,
  )
  const names =
    standalone && named.length > 0
      ? named.slice(0, 1)
      : [...named, ...(standalone ? madeUp.slice(0, 1) : madeUp)]
  return names.map((name) => ({
    name,
    memoryGB: Math.max(HOST_MEMORY_GB, standalone ? total * 2 : 0),
    cpus: 64,
    // Two uplinks make the reverse path check of the host matter, as on most real hosts.
    uplinks: ['vmnic0', 'vmnic1'],
    // Only the real host knows how many it has: the lab's has one for every node that is to have one there.
    nitrox: machines.filter(({ nitrox, host }) => nitrox && (host === undefined || host === name)).length,
  }))
}

function seedNetworks(sites: readonly VseSite[]): readonly SeedNetwork[] {
  const networks = new Map<string, SeedNetwork>([
    ['VM Network', { name: 'VM Network', kind: 'standard', vlan: 0, switch: 'vSwitch0', exists: true }],
  ])
  for (const site of sites) {
    for (const cluster of site.clusters) {
      const { name, kind, vlan, switch: on } = networkOf({ site, cluster }).portGroup
      if (!networks.has(name)) networks.set(name, { name, kind, vlan: vlan ?? 0, switch: on, exists: false })
    }
  }
  return [...networks.values()]
}
