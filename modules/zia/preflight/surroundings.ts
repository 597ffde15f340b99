import type { Change, ZiaObjects } from '#sdk'

import { findTwins } from './claims.ts'
import { findRanked } from './rule-room.ts'

/** Why a location cannot be bound; nothing where it can, or will be made. */
export function findLocationFaults(
  locations: readonly ZiaObjects['locations'][],
  { name, create }: { readonly name: string; readonly create: boolean },
): readonly Change[] {
  const path = `location ${name}`
  const found = locations.find((one) => one.name === name)
  if (found === undefined) {
    const twins = findTwins('location', [name], locations)
    if (create || twins.length > 0) return twins
    const note = 'add it in the Admin Portal, or give the inventory’s location a `create` with country and tz'
    return [{ path, to: 'there', note }]
  }
  if ((found.parentId ?? 0) === 0) return []
  return [{ path, from: 'a sublocation', to: 'a location', note: 'name its parent in the inventory' }]
}

/** Why the firewall filtering rule cannot be ours. */
export function findRuleFaults(
  {
    firewallFilteringRules: rules,
    ipSourceGroups: groups,
  }: {
    readonly firewallFilteringRules: readonly ZiaObjects['firewallFilteringRules'][]
    readonly ipSourceGroups: readonly ZiaObjects['ipSourceGroups'][]
  },
  { name, order }: { readonly name: string; readonly order: number },
): readonly Change[] {
  const rule = rules.find((one) => one.name === name)
  const group = groups.find((one) => one.name === name)
  const users = rules.filter(
    (one) => one.name !== name && group !== undefined && one.srcIpGroups?.some(({ id }) => id === group.id),
  )
  const note = 'give the cluster’s firewall rule another name in the inventory'
  const isTheirs = rule !== undefined && 'predefined' in rule && rule.predefined === true
  const ranked = rule === undefined ? findRanked(rules, order) : undefined
  return [
    ...findTwins('firewall filtering rule', [name], rules),
    ...findTwins('IP source group', [name], groups),
    ...(ranked === undefined
      ? []
      : [
          {
            path: `order of the firewall filtering rule ${name}`,
            from: order,
            to: ranked.least,
            note: `${ranked.names.map((one) => `“${one}”`).join(', ')} rank before it: set firewallRule.order of the cluster to ${ranked.least} or more`,
          },
        ]),
    ...(isTheirs ? [{ path: `firewall filtering rule ${name}`, from: 'one of Zscaler’s own', note }] : []),
    ...users.map((one) => ({
      path: `IP source group ${name}`,
      from: `used by the rule “${one.name}”`,
      note,
    })),
  ]
}
