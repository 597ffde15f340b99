import type { Change } from '#sdk'

import { refersTo, type Objects } from './objects.ts'

/** A firewall filtering rule to be removed, with the IP source group of its name. */
interface Rule {
  readonly name: string
  /** Every address that its sources may have. */
  readonly addresses: readonly string[]
}

/** Why the firewall filtering rule and its IP source group cannot be removed; nothing where they can, or are gone. */
export function findRuleTies(
  { firewallFilteringRules, ipSourceGroups }: Pick<Objects, 'firewallFilteringRules' | 'ipSourceGroups'>,
  { name, addresses }: Rule,
): readonly Change[] {
  const group = ipSourceGroups.find((one) => one.name === name)
  const rule = firewallFilteringRules.find((one) => one.name === name)
  const strange = (listed: readonly string[] | null | undefined): readonly string[] =>
    (listed ?? []).filter((address) => !addresses.includes(address))
  const ties: Change[] = []
  if (rule !== undefined) {
    const path = `firewall filtering rule ${name}`
    const note = 'somebody has put it to other uses: remove it in the Admin Portal, or give ours another name'
    const isTheirs =
      ('predefined' in rule && rule.predefined === true) ||
      ('defaultRule' in rule && rule.defaultRule === true)
    if (isTheirs) ties.push({ path, from: 'one of Zscaler’s own', note: 'it stays' })
    if (rule.action !== 'ALLOW')
      ties.push({ path: `${path} › network traffic`, from: rule.action, to: 'ALLOW', note })
    const groups = (rule.srcIpGroups ?? []).filter(({ id }) => id !== group?.id)
    if (groups.length > 0) {
      ties.push({
        path: `${path} › IP source groups`,
        from: groups.map(({ id, name: called }) => called ?? `id ${id}`),
        note,
      })
    }
    const sources = strange(rule.srcIps)
    if (sources.length > 0) ties.push({ path: `${path} › source IP addresses`, from: sources, note })
  }
  if (group !== undefined) {
    const path = `IP source group ${name}`
    const others = strange(group.ipAddresses)
    if (others.length > 0) ties.push({ path, from: others, note: 'the inventory has no such address' })
    const users = firewallFilteringRules.filter((one) => one !== rule && refersTo(one.srcIpGroups, group.id))
    if (users.length > 0) {
      ties.push({
        path,
        from: `used by ${users.map((one) => `“${one.name}”`).join(', ')}`,
        note: 'take it out of these rules first',
      })
    }
  }
  return ties
}
