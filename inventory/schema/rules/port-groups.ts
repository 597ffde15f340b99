import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { networkOf } from '../settings.ts'
import { listClusters } from '../walk.ts'

/** One port group is one VLAN, whoever names it. */
export const portGroups: InventoryRule<VseLevels> = {
  summary: 'A port group of a vCenter has one kind, one switch and one VLAN.',
  check(estate, report) {
    const known = new Map<string, { readonly text: string; readonly cluster: string }>()
    for (const { site, cluster, path } of listClusters(estate)) {
      const { name, kind, switch: on, vlan } = networkOf({ site, cluster }).portGroup
      const key = `${site.vcenter.host} ${site.placement.datacenter} ${name}`
      const text = `${kind}, switch ${on}, VLAN ${vlan ?? 'as it is'}`
      const first = known.get(key)
      known.set(key, first ?? { text, cluster: cluster.name })
      if (first === undefined || first.text === text) continue
      report({
        path:
          cluster.network?.portGroup === undefined
            ? `sites.${site.name}.network.portGroup`
            : `${path}.network.portGroup`,
        message: `the port group ${name} is ${text} for ${cluster.name}, and ${first.text} for ${first.cluster}`,
        rule: 'S-035',
        hint: 'describe it alike in both places, or use two names',
      })
    }
  },
}
