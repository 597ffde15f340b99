import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { listClusters } from '../walk.ts'

/** A slip in a confirmation must not look like one. */
export const confirmations: InventoryRule<VseLevels> = {
  summary: 'Only clusters of the inventory are confirmed to be decommissioned.',
  check(estate, report) {
    const known = listClusters(estate).map(({ cluster }) => cluster.name)
    for (const name of estate.confirm) {
      if (known.includes(name)) continue
      report({
        path: 'confirm',
        message: `there is no cluster “${name}” to decommission`,
        hint: `known: ${known.join(', ')}`,
      })
    }
  },
}
