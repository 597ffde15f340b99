import type { VseClusterScope, VseEstate, VseNode, VseNodeScope, VseSite } from './levels.ts'
import { datacenterPathOf, hostOf, memoryOf, networkOf, vmPathOf } from './settings.ts'
import { listClusters, listNodes } from './walk.ts'

// Where in vSphere things go, in the words of the vSphere modules.

/** The compute that may run a node's VM: all hosts of the compute cluster, or the one host. */
function computeOf({ site: { placement } }: Pick<VseClusterScope, 'site'>) {
  const { datacenter, computeCluster, host } = placement
  return { datacenter, computeCluster, host: computeCluster === undefined ? host : undefined }
}

/** The port group of a cluster. The same for all its nodes, so that it is looked after once. */
export function portGroupOf({ site, cluster }: Pick<VseClusterScope, 'site' | 'cluster'>) {
  const { name, kind, switch: onSwitch, vlan } = networkOf({ site, cluster }).portGroup
  const appliances = site.clusters.flatMap(({ nodes }) => nodes.map((node) => node.name))
  const { datastore } = site.placement
  return { ...computeOf({ site }), datastore, name, kind, switch: onSwitch, vlan, appliances }
}

/** The same for sites whose VMs go to the same hosts. */
function hostsKeyOf(site: VseSite): string {
  const { computeCluster, host = '' } = site.placement
  return [site.vcenter.host.toLowerCase(), datacenterPathOf(site), computeCluster ?? host].join(' ')
}

/** Port groups, each once: clusters share them. */
function distinct<T extends object>(groups: readonly T[]): T[] {
  return [...new Map(groups.map((group) => [JSON.stringify(group), group])).values()]
}

/**
 * The hosts whose own multicast must not come back to them, by way of teamed uplinks, and every port group that depends on it
 * there. The same for all clusters on these hosts: the option is the host's, and set once for all of them.
 */
export function hostOptionOf({ estate, site }: Pick<VseClusterScope, 'estate' | 'site'>) {
  const portGroups = listClusters(estate)
    .filter(
      ({ site: other, cluster }) => hostsKeyOf(other) === hostsKeyOf(site) && !cluster.externalLoadBalancer,
    )
    .map((placed) => {
      const { name, kind, switch: onSwitch } = networkOf(placed).portGroup
      return { name, kind, switch: onSwitch }
    })
  return { ...computeOf({ site }), portGroups: distinct(portGroups) }
}

/** The networks of a VM: management, proxy and load balancer in one port group, in this order of adapters. */
function networksOf(scope: Pick<VseClusterScope, 'site' | 'cluster'>): string[] {
  const { name } = networkOf(scope).portGroup
  return [name, name, name]
}

/** A node's VM. */
export function ovaOf({ estate, site, cluster, node }: VseNodeScope) {
  const { datacenter, computeCluster, resourcePool, folder, datastore, imageTemplate } = site.placement
  const { image, imageUrl } = estate
  return {
    vm: node.name,
    folder,
    datacenter,
    computeCluster,
    host: hostOf({ site, node }),
    resourcePool,
    datastore,
    image: imageUrl?.url ?? image.path,
    sha256: imageUrl?.sha256,
    thumbprint: imageUrl?.thumbprint,
    template: imageTemplate,
    networks: networksOf({ site, cluster }),
    apart: cluster.nodes.map(({ name }) => name).filter((name) => name !== node.name),
  }
}

/** What a node's VM needs; with a NITROX card, all of its memory reserved on the host of the card. */
export function hardwareOf({ site, cluster, node }: VseNodeScope) {
  return {
    ...cardOf({ site, cluster, node }),
    cpus: cluster.cpus,
    memoryMB: memoryOf(cluster) * 1024,
    diskGB: cluster.diskGB,
    reserveMemory: node.nitrox,
  }
}

/** A node's VM by all that it is known by, and whether it has to stay on its host. */
export function powerOf({ site, cluster, node }: Pick<VseNodeScope, 'site' | 'cluster' | 'node'>) {
  const networks = networksOf({ site, cluster })
  return { vm: vmPathOf({ site, node }), networks, stays: hostOf({ site, node }) !== undefined }
}

/** The host whose NITROX card a node is to have. */
export function cardHostOf({ site, node }: VseNodeScope) {
  const { datacenter, computeCluster, rebootHosts } = site.placement
  return { datacenter, computeCluster, host: hostOf({ site, node }), reboot: rebootHosts }
}

/** A node's VM, and the host whose card it is to have. */
export function cardOf({ site, cluster, node }: Pick<VseNodeScope, 'site' | 'cluster' | 'node'>) {
  const networks = networksOf({ site, cluster })
  return { vm: vmPathOf({ site, node }), networks, host: hostOf({ site, node }) }
}

/** The rule that keeps the nodes of a cluster on different hosts; only a compute cluster has rules. */
export function antiAffinityOf({ site, cluster, node }: Pick<VseNodeScope, 'site' | 'cluster' | 'node'>) {
  const { datacenter, computeCluster = '' } = site.placement
  const vms = cluster.nodes.map((member) => vmPathOf({ site, node: member }))
  const networks = networksOf({ site, cluster })
  return {
    datacenter,
    computeCluster,
    name: `VSE ${cluster.name}`,
    vms,
    vm: vmPathOf({ site, node }),
    networks,
  }
}

/** Whether there are hosts to choose from, and nodes to keep apart. */
export function needsAntiAffinity({ site, cluster }: Pick<VseClusterScope, 'site' | 'cluster'>): boolean {
  return site.placement.computeCluster !== undefined && cluster.nodes.length > 1
}

/** Everything that a site takes for granted in vSphere. The same for all its nodes, so that it is looked at once. */
export function preflightOf({ estate, site }: { readonly estate: VseEstate; readonly site: VseSite }) {
  const { datacenter, computeCluster, resourcePool, folder, datastore, imageTemplate, rebootHosts } =
    site.placement
  const portGroups = site.clusters.map((cluster) => {
    const { name, kind, switch: onSwitch } = networkOf({ site, cluster }).portGroup
    return { name, kind, switch: onSwitch, made: !cluster.externalLoadBalancer }
  })
  const nodes = site.clusters.flatMap((cluster) =>
    cluster.nodes.map((node) => ({
      name: node.name,
      cluster: cluster.name,
      host: hostOf({ site, node }),
      networks: networksOf({ site, cluster }),
      memoryGB: memoryOf(cluster),
      diskGB: cluster.diskGB,
      nitrox: node.nitrox,
    })),
  )
  return {
    datacenter,
    computeCluster,
    host: site.placement.host,
    resourcePool,
    folder,
    datastore,
    template: imageTemplate,
    pulled: estate.imageUrl !== undefined,
    rebootHosts,
    portGroups: distinct(portGroups),
    nodes,
  }
}

/** The certificate files of every node but one, which must all be others than its own. */
export function otherBundles(estate: VseEstate, node: VseNode) {
  return listNodes(estate)
    .filter((other) => other.node.name !== node.name)
    .map((other) => ({ node: other.node.name, path: other.node.certificate.path }))
}
