import type { VseCluster, VseEstate, VseNode, VseSite } from './levels.ts'

/** A cluster with what stands above it, and its path in the inventory. */
export interface PlacedCluster {
  readonly site: VseSite
  readonly cluster: VseCluster
  /** `sites.fra.clusters.fra-1` */
  readonly path: string
}

/** A node with what stands above it, and its path in the inventory. */
export interface PlacedNode extends PlacedCluster {
  readonly node: VseNode
}

/** Every cluster, in written order. */
export function listClusters(estate: VseEstate): readonly PlacedCluster[] {
  return estate.sites.flatMap((site) =>
    site.clusters.map((cluster) => ({
      site,
      cluster,
      path: `sites.${site.name}.clusters.${cluster.name}`,
    })),
  )
}

/** The nodes of a cluster, in written order. */
export function listMembers({ site, cluster, path }: PlacedCluster): readonly PlacedNode[] {
  return cluster.nodes.map((node) => ({ site, cluster, node, path: `${path}.nodes.${node.name}` }))
}

/** Every node, in written order. */
export function listNodes(estate: VseEstate): readonly PlacedNode[] {
  return listClusters(estate).flatMap((cluster) => listMembers(cluster))
}
