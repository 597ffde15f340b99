import type { Cluster, Estate, Levels, Node, Scope, Site } from '../model/inventory.ts'
import type { Target } from '../model/target.ts'

/** Every target of an inventory, parents before children, in written order. */
export function listTargets(estate: Estate): readonly Target[] {
  const root: Target = {
    name: estate.name,
    level: 'estate',
    scope: { estate },
    cluster: undefined,
    site: undefined,
  }
  return [root, ...estate.sites.flatMap((site) => listSite(site, { estate }))]
}

function listSite(site: Site, above: Scope<Levels, 'estate'>): readonly Target[] {
  const scope = { ...above, site }
  const own: Target = { name: site.name, level: 'site', scope, cluster: undefined, site: site.name }
  return [own, ...site.clusters.flatMap((cluster) => listCluster(cluster, scope))]
}

function listCluster(cluster: Cluster, above: Scope<Levels, 'site'>): readonly Target[] {
  const scope = { ...above, cluster }
  const place = { cluster: cluster.name, site: above.site.name }
  const own: Target = { name: cluster.name, level: 'cluster', scope, ...place }
  return [
    own,
    ...cluster.nodes.map((node: Node): Target => ({
      name: node.name,
      level: 'node',
      scope: { ...scope, node },
      ...place,
    })),
  ]
}
