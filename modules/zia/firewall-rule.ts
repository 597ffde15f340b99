import { z } from 'zod'

import { defineModule, ModuleError, type Change, type ZiaReader } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { countOwn, findRanked, RANK, roomOf } from './preflight/rule-room.ts'

/** The rule, and the IP source group it refers to where it is to refer to one. */
type Rule = {
  /** What the rule has as sources, sorted; nothing where what holds them does not exist. */
  readonly addresses: readonly string[] | null
  readonly groupId: number | null
  readonly rule: null | {
    readonly id: number
    readonly action: string
    readonly state: string
    /** Whether it refers to the group, where it is to. */
    readonly refers: boolean
    /** Every criterion beside its sources that narrows the rule, by its name in the API. */
    readonly criteria: readonly string[]
  }
}

/** What can narrow a rule; probes need all of them empty, which means any. */
const CRITERIA = [
  'srcIps',
  'srcIpGroups',
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

/** Lets the health probes of a cluster through: one rule, over one IP source group of the same name or with the addresses in it. */
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
    sources: z
      .enum(['group', 'inline'])
      .default('group')
      .meta({ description: 'Whether an IP source group has the addresses, or the rule itself' }),
  }),
  absent: { addresses: null, groupId: null, rule: null },

  async read({ connection, params }): Promise<Rule> {
    const { name, sources } = params
    const [group, rule] = await Promise.all([
      sources === 'group' ? connection.find('ipSourceGroups', name) : undefined,
      connection.find('firewallFilteringRules', name),
    ])
    if (rule === undefined) await refuseHopeless(connection, params)
    const fields = new Map<string, unknown>(Object.entries(rule ?? {}))
    const others = (rule?.srcIpGroups ?? []).filter(({ id }) => id !== group?.id)
    const criteria = CRITERIA.filter((key) => {
      if (key === 'srcIps') return sources === 'group' && isFilled(fields.get(key))
      return key === 'srcIpGroups' ? others.length > 0 : isFilled(fields.get(key))
    })
    const addresses = sources === 'group' ? group && (group.ipAddresses ?? []) : rule && (rule.srcIps ?? [])
    return {
      addresses: addresses?.toSorted() ?? null,
      groupId: group?.id ?? null,
      rule:
        rule === undefined
          ? null
          : {
              id: rule.id,
              action: rule.action ?? '',
              state: rule.state ?? '',
              refers: sources === 'inline' || rule.srcIpGroups?.some(({ id }) => id === group?.id) === true,
              criteria,
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
    if (!rule.refers) changes.push({ path: 'IP source group', to: params.name })
    if (rule.criteria.length > 0) {
      const note = 'a health probe is let through only where nothing but its source decides'
      changes.push({ path: 'other criteria', from: rule.criteria, to: [], note })
    }
    return changes
  },

  async apply({ connection, params, facts, changes }) {
    const { name, sources } = params
    const ipAddresses = params.addresses.toSorted()
    const isOther = changes.some(({ path }) => path === 'source IP addresses')
    const fields = { name, description: DESCRIPTION, ipAddresses }
    let id = facts.groupId
    if (sources === 'group' && id === null) id = (await connection.create('ipSourceGroups', fields)).id
    else if (id !== null && isOther) await connection.update('ipSourceGroups', id, () => ({ ipAddresses }))

    const from = sources === 'inline' ? { srcIps: ipAddresses } : { srcIpGroups: [{ id: id ?? 0 }] }
    if (facts.rule === null) {
      await connection.create('firewallFilteringRules', {
        name,
        description: DESCRIPTION,
        order: params.order,
        rank: RANK,
        action: 'ALLOW',
        state: 'ENABLED',
        enableFullLogging: false,
        ...from,
      })
      return
    }
    if (sources === 'group' && changes.every(({ path }) => path === 'source IP addresses')) return
    await connection.update('firewallFilteringRules', facts.rule.id, (current) => {
      if ('predefined' in current && current.predefined === true) {
        throw new ModuleError(`the rule “${name}” is one of Zscaler’s own`, {
          hint: 'give the cluster’s firewall rule another name in the inventory',
        })
      }
      const empty = Object.fromEntries(CRITERIA.flatMap((key) => (key in current ? [[key, []]] : [])))
      return { ...empty, action: 'ALLOW', state: 'ENABLED', ...from }
    })
  },

  demands: ({ sources }) => [
    ...(sources === 'group' ? [editOf('ipSourceGroups', { seconds: 2.6 })] : []),
    editOf('firewallFilteringRules', { seconds: 5.7 }),
  ],

  caution: STAGED,
})

/** Stops before anything is written where the tenant's firewall has no room for another rule, or not in that place. */
async function refuseHopeless(
  connection: ZiaReader,
  { name, order }: { readonly name: string; readonly order: number },
): Promise<void> {
  const [subscriptions, rules] = await Promise.all([
    connection.subscriptions(),
    connection.list('firewallFilteringRules'),
  ])
  const ranked = findRanked(rules, order)
  if (ranked !== undefined) {
    throw new ModuleError(
      `the rule “${name}” cannot have the order ${order}: ${ranked.names.map((one) => `“${one}”`).join(', ')} rank before it`,
      { hint: `set firewallRule.order of the cluster to ${ranked.least} or more` },
    )
  }
  const room = roomOf(subscriptions)
  const own = countOwn(rules)
  if (room === null || own < room) return
  throw new ModuleError(
    `the rule “${name}” has no room: the Standard firewall takes ${room} rules, and the tenant has ${own}`,
    {
      hint: 'delete a rule in the Admin Portal, put the addresses of several clusters into one rule, or subscribe to the Advanced firewall',
    },
  )
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0
