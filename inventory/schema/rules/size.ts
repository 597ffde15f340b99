import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { memoryOf } from '../settings.ts'
import { listClusters } from '../walk.ts'

/** How many nodes, and how big they are. */
export const size: InventoryRule<VseLevels> = {
  summary: 'A cluster has 2 to 16 nodes of at least 48 GB memory each.',
  check(estate, report) {
    for (const { cluster, path } of listClusters(estate)) {
      if (cluster.mode === 'standalone') continue
      const count = cluster.nodes.length
      if (count < 2) {
        report({
          path: `${path}.nodes`,
          message: `${cluster.name} has ${count} ${count === 1 ? 'node' : 'nodes'}, and a cluster needs at least 2 (n+1)`,
          rule: 'S-004',
          hint: 'add a node, or set mode: standalone',
        })
      }
      if (count > 16) {
        report({
          path: `${path}.nodes`,
          message: `${cluster.name} has ${count} nodes, and a cluster holds at most 16`,
          rule: 'S-005',
          hint: 'split it into two clusters, each with a cluster address of its own',
        })
      }
      if (memoryOf(cluster) < 48) {
        report({
          path: `${path}.memoryGB`,
          message: `${memoryOf(cluster)} GB is too little for a node of a cluster`,
          rule: 'S-027',
          hint: 'write 48 or more, or leave memoryGB out',
        })
      }
    }
  },
}
