import type { Consent } from '#sdk'

import type { VseClusterScope, VseNode, VseNodeScope } from './levels.ts'
import { firewallRuleOf, serviceAddressesOf, vmPathOf } from './settings.ts'
import { listClusters } from './walk.ts'

// What a cluster leaves behind when it goes, in the words of the modules that remove it.

/** What somebody has to agree to by typing the cluster's name; `given` where the command line names it: `-e confirm=fra-1`. */
export function agreementOf({ estate, site, cluster }: VseClusterScope): Consent | 'given' {
  if (estate.confirm.includes(cluster.name)) return 'given'
  const { name, mode, nodes, location, address } = cluster
  const names = nodes.map((node) => node.name).join(', ')
  const edge = mode === 'cluster' ? `the cluster ${name} (${address ?? ''})` : 'the instances'
  return {
    title: `Decommission ${name}`,
    losses: [
      `${edge} is detached from the location ${location.name}: its users lose their Service Edges`,
      `deleted in ZIA: ${mode === 'cluster' ? `the cluster, ` : ''}${names}, the firewall filtering rule “${firewallRuleOf(cluster)}”`,
      `deleted in vSphere, with their disks: ${nodes.map((node) => vmPathOf({ site, node })).join(', ')}`,
    ],
    types: name,
    otherwise: `-e confirm=${name}`,
  }
}

/** What of a cluster is looked at in ZIA before anything of it is removed. */
export function removalOf({ cluster }: Pick<VseClusterScope, 'cluster'>) {
  const { name, mode, address, location, nodes } = cluster
  return {
    cluster: mode === 'cluster' ? { name, address: address ?? '' } : undefined,
    instances: nodes.map((node) => ({ name: node.name, proxy: node.proxy })),
    location: location.name,
    rule: firewallRuleOf(cluster),
    addresses: [...serviceAddressesOf(cluster)],
  }
}

/** What of a node is looked at before its instance is deleted: no cluster may have it any more. */
export function leavingOf({ cluster, node }: Pick<VseNodeScope, 'cluster' | 'node'>) {
  const { name, proxy } = node
  return { ...removalOf({ cluster }), cluster: undefined, instances: [{ name, proxy }] }
}

/** A location that the inventory makes, with everything of the inventory that may be bound to it. */
export function locationRemovalOf({ estate, cluster }: Pick<VseClusterScope, 'estate' | 'cluster'>) {
  const { name } = cluster.location
  const sharing = listClusters(estate)
    .map((placed) => placed.cluster)
    .filter(({ location }) => location.name === name)
  const nodesOf = (members: readonly VseNode[]): string[] => members.map((node) => node.name)
  return {
    name,
    clusters: sharing.filter(({ mode }) => mode === 'cluster').map((each) => each.name),
    instances: sharing.filter(({ mode }) => mode === 'standalone').flatMap(({ nodes }) => nodesOf(nodes)),
  }
}
