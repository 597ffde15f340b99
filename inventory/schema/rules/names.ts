import type { InventoryRule, Issue } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { firewallRuleOf } from '../settings.ts'
import { listClusters } from '../walk.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/** Names become VM names, instance names and hostnames, so they have to be all three. */
export const names: InventoryRule<VseLevels> = {
  summary: 'Every name is a hostname label, and no two clusters share a firewall filtering rule.',
  check(estate, report) {
    const check = (name: string, path: string): void => {
      if (LABEL.test(name)) return
      report({
        path,
        message: `“${name}” is not a hostname`,
        rule: 'S-104',
        hint: 'use letters, digits and hyphens, at most 63, no hyphen first or last',
      })
    }
    for (const site of estate.sites) check(site.name, `sites.${site.name}`)
    for (const { cluster, path } of listClusters(estate)) {
      check(cluster.name, path)
      for (const { name } of cluster.nodes) check(name, `${path}.nodes.${name}`)
    }
    checkRuleNames(listClusters(estate), report)
  },
}

function checkRuleNames(clusters: ReturnType<typeof listClusters>, report: (issue: Issue) => void): void {
  const owners = new Map<string, string>()
  for (const { cluster, path } of clusters) {
    const name = firewallRuleOf(cluster)
    const owner = owners.get(name)
    owners.set(name, owner ?? cluster.name)
    if (owner === undefined) continue
    report({
      path: `${path}.firewallRule.name`,
      message: `“${name}” is already the firewall filtering rule of ${owner}`,
      rule: 'S-078',
      hint: 'give each cluster a rule of its own; without a name it is called “VSE <cluster>”',
    })
  }
}
