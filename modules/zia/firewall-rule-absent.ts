import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { refuseTies } from './ties/refuse.ts'
import { refuseRenamed } from './ties/renamed.ts'
import { findRuleTies } from './ties/rule-ties.ts'

/** Ids of the rule and of its IP source group, where they are still there. */
type Facts = { readonly rule: number | null; readonly group: number | null }

/** Deletes the firewall filtering rule of a cluster, and then the IP source group that only it used. */
export const firewallRuleAbsent = defineModule({
  name: 'zia/firewall-rule-absent',
  summary: 'A cluster’s firewall filtering rule and its IP source group are deleted in ZIA',
  connection: 'zia',
  params: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(63)
      .meta({ description: 'Name of the rule and of its IP source group, exactly' }),
    addresses: z
      .array(z.ipv4())
      .meta({ description: 'The sources that they may have; with others they stay' }),
  }),
  absent: { rule: null, group: null },

  async read({ connection, params }): Promise<Facts> {
    const [firewallFilteringRules, ipSourceGroups] = await Promise.all([
      connection.list('firewallFilteringRules'),
      connection.list('ipSourceGroups'),
    ])
    refuseTies(findRuleTies({ firewallFilteringRules, ipSourceGroups }, params), params.name)
    const idOf = (objects: readonly { readonly id: number; readonly name: string }[]): number | null =>
      objects.find(({ name }) => name === params.name)?.id ?? null
    return { rule: idOf(firewallFilteringRules), group: idOf(ipSourceGroups) }
  },

  diff: ({ rule, group }, { name }): readonly Change[] => [
    ...(rule === null ? [] : [{ path: 'rule', from: name }]),
    ...(group === null ? [] : [{ path: 'IP source group', from: name }]),
  ],

  async apply({ connection, params, facts: { rule, group } }) {
    const { name } = params
    const look = async (): Promise<void> => {
      const [firewallFilteringRules, ipSourceGroups] = await Promise.all([
        connection.listAfresh('firewallFilteringRules'),
        connection.listAfresh('ipSourceGroups'),
      ])
      if (rule !== null) refuseRenamed(firewallFilteringRules, { id: rule, name })
      if (group !== null) refuseRenamed(ipSourceGroups, { id: group, name })
      refuseTies(findRuleTies({ firewallFilteringRules, ipSourceGroups }, params), name)
    }
    // What refers goes before what it refers to.
    if (rule !== null) await connection.remove('firewallFilteringRules', rule, look)
    if (group !== null) await connection.remove('ipSourceGroups', group, look)
  },

  demands: () => [
    editOf('firewallFilteringRules', { verb: 'DELETE', seconds: 2.9 }),
    editOf('ipSourceGroups', { verb: 'DELETE', seconds: 2.8 }),
  ],

  disruptive: (changes, { name }) =>
    changes.length === 0 ? undefined : `the health probes that “${name}” allows are no longer let through`,

  caution: STAGED,
})
