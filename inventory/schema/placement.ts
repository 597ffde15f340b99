import type { VseClusterScope, VseEstate, VseNode, VseNodeScope } from './levels.ts'
import { hostOf, memoryOf, networkOf, vmPathOf } from './settings.ts'
import { listNodes } from './walk.ts'

// Where in vSphere things go, in the words of the vSphere modules.

/** The compute that may run a node's VM: all hosts of the compute cluster, or the one host. */
function computeOf({ site: { placement } }: Pick<VseClusterScope, 'site'>) {
  const { datacenter, computeCluster, host } = placement
  return { datacenter, computeCluster, host: computeCluster === undefined ? host : undefined }
}

/** The port group of a cluster. The same for all its nodes, so that it is looked after once. */
export function portGroupOf({ site, cluster }: Pick<VseClusterScope, 'site' | 'cluster'>) {
  const { name, kind, switch: onSwitch, vlan } = networkOf({ site, cluster }).portGroup
  return { ...computeOf({ site }), name, kind, switch: onSwitch, vlan }
}

/** The hosts whose own multicast must not come back to them, by way of teamed uplinks. */
export function hostOptionOf({ site, cluster }: Pick<VseClusterScope, 'site' | 'cluster'>) {
  const { name, kind, switch: onSwitch } = networkOf({ site, cluster }).portGroup
  return { ...computeOf({ site }), switch: onSwitch, portGroup: kind === 'standard' ? name : undefined }
}

/** A node's VM: management, proxy and load balancer in one port group, in this order of adapters. */
export function ovaOf({ estate, site, cluster, node }: VseNodeScope) {
  const { datacenter, computeCluster, resourcePool, folder, datastore } = site.placement
  const { name } = networkOf({ site, cluster }).portGroup
  return {
    vm: node.name,
    folder,
    datacenter,
    computeCluster,
    host: hostOf({ site, node }),
    resourcePool,
    datastore,
    image: estate.image.path,
    networks: [name, name, name],
  }
}

/** What a node's VM needs; with a NITROX card, all of its memory reserved. */
export function hardwareOf({ site, cluster, node }: VseNodeScope) {
  return {
    vm: vmPathOf({ site, node }),
    cpus: cluster.cpus,
    memoryMB: memoryOf(cluster) * 1024,
    diskGB: cluster.diskGB,
    reserveMemory: node.nitrox,
  }
}

/** The host whose NITROX card a node is to have. */
export function cardHostOf({ site, node }: VseNodeScope) {
  const { datacenter, computeCluster } = site.placement
  return { datacenter, computeCluster, host: hostOf({ site, node }) }
}

/** The certificate files of every node but one, which must all be others than its own. */
export function otherBundles(estate: VseEstate, node: VseNode) {
  return listNodes(estate)
    .filter((other) => other.node.name !== node.name)
    .map((other) => ({ node: other.node.name, path: other.node.certificate.path }))
}
