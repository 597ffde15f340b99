import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

/** The rule and the IP source group it refers to. */
type Rule = {
  /** What the group has, sorted; nothing where there is no group. */
  readonly addresses: readonly string[] | null
  readonly groupId: number | null
  readonly rule: null | {
    readonly id: number
    readonly action: string
    readonly state: string
    readonly usesGroup: boolean
    /** Every criterion beside the group that narrows the rule, by its name in the API. */
    readonly criteria: readonly string[]
  }
}

/** What can narrow a rule; probes need all of them empty, which means any. */
const CRITERIA = [
  'srcIps',
  'srcIpv6Groups',
  'destAddresses',
  'destIpCategories',
  'destCountries',
  'destIpGroups',
  'destIpv6Groups',
  'sourceCountries',
  'nwServices',
  'nwServiceGroups',
  'nwApplications',
  'nwApplicationGroups',
  'appServices',
  'appServiceGroups',
  'locations',
  'locationGroups',
  'users',
  'groups',
  'departments',
  'timeWindows',
  'devices',
  'deviceGroups',
  'deviceTrustLevels',
  'workloadGroups',
  'zpaAppSegments',
] as const

const DESCRIPTION = 'Health probes between load balancers and Virtual Service Edges'

/** Lets the health probes of a cluster through: one rule, and one IP source group of the same name with its addresses. */
export const firewallRule = defineModule({
  name: 'zia/firewall-rule',
  summary: 'A firewall filtering rule allows proxy, LB and cluster IP addresses as sources',
  connection: 'zia',
  params: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(63)
      .meta({ description: 'Name of the rule and of its IP source group, exactly' }),
    addresses: z.array(z.ipv4()).min(1).meta({ description: 'Every proxy, LB and cluster IP address' }),
    order: z
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'Where a new rule is inserted; a rule that exists stays where it is' }),
  }),
  absent: { addresses: null, groupId: null, rule: null },

  async read({ connection, params }): Promise<Rule> {
    const [group, rule] = await Promise.all([
      connection.find('ipSourceGroups', params.name),
      connection.find('firewallFilteringRules', params.name),
    ])
    const fields = new Map<string, unknown>(Object.entries(rule ?? {}))
    const others = (rule?.srcIpGroups ?? []).filter(({ id }) => id !== group?.id)
    const criteria = CRITERIA.filter((key) => isFilled(fields.get(key)))
    return {
      addresses: group === undefined ? null : (group.ipAddresses ?? []).toSorted(),
      groupId: group?.id ?? null,
      rule:
        rule === undefined
          ? null
          : {
              id: rule.id,
              action: rule.action ?? '',
              state: rule.state ?? '',
              usesGroup: group !== undefined && rule.srcIpGroups?.some(({ id }) => id === group.id) === true,
              criteria: others.length > 0 ? [...criteria, 'srcIpGroups'] : criteria,
            },
    }
  },

  diff(facts, params): readonly Change[] {
    const wanted = params.addresses.toSorted()
    const changes: Change[] = []
    if (facts.addresses?.join() !== wanted.join()) {
      changes.push({ path: 'source IP addresses', from: facts.addresses ?? undefined, to: wanted })
    }
    const { rule } = facts
    if (rule === null) {
      return [
        ...changes,
        { path: 'rule', to: params.name },
        { path: 'rule order', to: params.order },
        { path: 'network traffic', to: 'ALLOW' },
      ]
    }
    if (rule.action !== 'ALLOW') changes.push({ path: 'network traffic', from: rule.action, to: 'ALLOW' })
    if (rule.state !== 'ENABLED') changes.push({ path: 'rule status', from: rule.state, to: 'ENABLED' })
    if (!rule.usesGroup) changes.push({ path: 'IP source group', to: params.name })
    if (rule.criteria.length > 0) {
      const note = 'a health probe is let through only where nothing but its source decides'
      changes.push({ path: 'other criteria', from: rule.criteria, to: [], note })
    }
    return changes
  },

  async apply({ connection, params, facts, changes }) {
    const { name } = params
    const ipAddresses = params.addresses.toSorted()
    let id = facts.groupId
    if (id === null) {
      id = (await connection.create('ipSourceGroups', { name, description: DESCRIPTION, ipAddresses })).id
    } else if (changes.some(({ path }) => path === 'source IP addresses')) {
      await connection.update('ipSourceGroups', id, () => ({ ipAddresses }))
    }
    const srcIpGroups = [{ id }]
    if (facts.rule === null) {
      await connection.create('firewallFilteringRules', {
        name,
        description: DESCRIPTION,
        order: params.order,
        rank: 7,
        action: 'ALLOW',
        state: 'ENABLED',
        enableFullLogging: false,
        srcIpGroups,
      })
      return
    }
    if (changes.every(({ path }) => path === 'source IP addresses')) return
    await connection.update('firewallFilteringRules', facts.rule.id, (current) => {
      if ('predefined' in current && current.predefined === true) {
        throw new ModuleError(`the rule “${name}” is one of Zscaler’s own`, {
          hint: 'give the cluster’s firewall rule another name in the inventory',
        })
      }
      const empty = Object.fromEntries(CRITERIA.flatMap((key) => (key in current ? [[key, []]] : [])))
      return { ...empty, action: 'ALLOW', state: 'ENABLED', srcIpGroups }
    })
  },
})

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0
