import type { VseClusterScope, VseEstate } from './levels.ts'
import { firewallRuleOf } from './settings.ts'
import { listClusters, listNodes } from './walk.ts'

// What is looked at in ZIA before anything is made, in the words of the modules that look.

/** What the whole inventory takes of its tenant. The same for every cluster, so that it is looked at once. */
export function tenantOf({ estate }: { readonly estate: VseEstate }) {
  const nodes = listNodes(estate)
  return {
    nodes: nodes.map(({ node }) => node.name),
    clustered: nodes.filter(({ cluster }) => cluster.mode === 'cluster').map(({ node }) => node.name),
    rules: listClusters(estate).map(({ cluster }) => firewallRuleOf(cluster)),
  }
}

/** What a cluster will be called and addressed by. */
export function claimOf({ cluster }: Pick<VseClusterScope, 'cluster'>) {
  const { mode, name, address, nodes, location } = cluster
  return {
    cluster: mode === 'cluster' ? { name, address: address ?? '' } : undefined,
    instances: nodes.map((node) => ({
      name: node.name,
      proxy: node.proxy,
      loadBalancer: node.loadBalancer,
    })),
    location: { name: location.name, create: location.create !== undefined },
    rule: firewallRuleOf(cluster),
    order: cluster.firewallRule.order,
  }
}
