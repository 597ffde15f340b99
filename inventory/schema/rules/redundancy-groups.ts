import type { InventoryRule } from '#sdk'

import { parseIPv4 } from '../ipv4.ts'
import type { VseLevels } from '../levels.ts'
import { networkOf } from '../settings.ts'
import { listClusters } from '../walk.ts'

/** The load balancers agree on a master by a group number, which is the last octet of the cluster IP address. */
export const redundancyGroups: InventoryRule<VseLevels> = {
  summary: 'The last number of a cluster IP address is 1 to 255, and no two clusters of a subnet share it.',
  check(estate, report) {
    const owners = new Map<string, string>()
    for (const { site, cluster, path } of listClusters(estate)) {
      if (cluster.address === undefined) continue
      const group = (parseIPv4(cluster.address) ?? 0) % 256
      const key = `${networkOf({ site, cluster }).subnet} ${group}`
      const owner = owners.get(key)
      owners.set(key, owner ?? cluster.name)
      if (group === 0) {
        report({
          path: `${path}.address`,
          message: `${cluster.address} ends in 0, and the last number is the cluster’s CARP group, 1 to 255`,
          rule: 'X-03',
          hint: 'choose an address that ends in 1 to 254',
        })
      } else if (owner !== undefined) {
        report({
          path: `${path}.address`,
          message: `${cluster.address} ends in ${group} like the cluster IP address of ${owner} in the same subnet: both would be CARP group ${group}`,
          rule: 'X-03',
          hint: 'choose an address with another last number',
        })
      }
    }
  },
}
