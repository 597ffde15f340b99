import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { hostOf } from '../settings.ts'
import { listNodes } from '../walk.ts'

/** A card sits in one host and belongs to one VM, so the VM cannot be anywhere else. */
export const nitrox: InventoryRule<VseLevels> = {
  summary:
    'A node with a NITROX card names the ESXi host that the card is in; a cluster has a card per node or none.',
  check(estate, report) {
    for (const { site, cluster, node, path } of listNodes(estate)) {
      if (node.nitrox && hostOf({ site, node }) === undefined) {
        report({
          path: `${path}.host`,
          message: `${node.name} has a NITROX card, and nothing says in which ESXi host`,
          rule: 'S-013',
          hint: 'add host, the name of the ESXi host as vSphere shows it',
        })
      }
      if (!node.nitrox && cluster.mode === 'cluster' && cluster.nodes.some((other) => other.nitrox)) {
        report({
          path: `${path}.nitrox`,
          message: `${node.name} has no NITROX card, and others of ${cluster.name} have one`,
          rule: 'S-013',
          hint: 'a card must be there for every node of the cluster: set nitrox: true on all of them or on none',
        })
      }
    }
  },
}
