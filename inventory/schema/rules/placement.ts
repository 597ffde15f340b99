import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { hostOf } from '../settings.ts'
import { listNodes } from '../walk.ts'

/** vSphere has to know on which hardware a VM may run. */
export const placement: InventoryRule<VseLevels> = {
  summary: 'Every VM has a compute cluster or an ESXi host to run on.',
  check(estate, report) {
    for (const { site, node, path } of listNodes(estate)) {
      const { computeCluster } = site.placement
      if (computeCluster !== undefined || hostOf({ site, node }) !== undefined) continue
      report({
        path: `${path}.host`,
        message: `nothing says where the VM of ${node.name} is to run`,
        rule: 'S-089',
        hint: `add computeCluster or host to sites.${site.name}.placement, or host to the node`,
      })
    }
  },
}
