import { invalid, refuse, type Reply } from '../reply.ts'
import { without, type Placing, type Resource } from '../resource.ts'
import type { Body, Shape } from '../shape.ts'
import { byId, idsOf, type Configuration, type Stored } from '../state.ts'

/** What narrows a rule; an empty list means any. */
export const CRITERIA = [
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

const TEXTS: readonly string[] = [
  'srcIps',
  'destAddresses',
  'destIpCategories',
  'destCountries',
  'sourceCountries',
  'nwApplications',
  'deviceTrustLevels',
]

const shape: Shape = {
  id: 'number',
  name: 'text',
  description: 'text',
  order: 'number',
  rank: 'number',
  action: ['ALLOW', 'BLOCK_DROP', 'BLOCK_RESET', 'BLOCK_ICMP', 'EVAL_NWAPP'],
  state: ['ENABLED', 'DISABLED'],
  enableFullLogging: 'flag',
  excludeSrcCountries: 'flag',
  labels: 'references',
  endPointApplications: 'any',
  endPointApplicationGroups: 'any',
  lastModifiedTime: 'number',
  lastModifiedBy: 'any',
  ...Object.fromEntries(CRITERIA.map((key) => [key, TEXTS.includes(key) ? 'texts' : 'references'] as const)),
}

/** How many rules of its own a tenant may have; by the firewall it has bought. */
const MOST = { standard: 10, advanced: 1021 } as const

/** What GET, PUT and POST add to every rule, and the server alone decides. */
const OWNED = {
  capturePCAP: false,
  excludeContextShieldEndPoint: false,
  isEunEnabled: false,
  eunTemplateId: 14,
} as const

/**
 * Firewall filtering rules, as recorded: a new rule pushes the others down and stamps them. What the server alone may say
 * (`predefined`, `defaultRule`, `accessControl`) is no part of the shape, so a body that has it is refused.
 */
export const firewallRule: Resource = {
  noun: 'firewall filtering rule',
  firstId: 1_690_001,
  latency: { GET: 1550, POST: 4660, PUT: 4020, DELETE: 1860 },
  pages: { size: 5000, most: 5000 },
  required: ['name', 'order', 'action'],
  filters: {
    ruleName: ({ name }, wanted) => name.toLowerCase().includes(wanted.toLowerCase()),
    ruleOrder: (rule, wanted) => String(rule['order']) === wanted,
    ruleAction: (rule, wanted) => rule['action'] === wanted,
    ruleLabel: (rule, wanted) => hasNamed(rule['labels'], wanted),
    srcIps: (rule, wanted) => Array.isArray(rule['srcIps']) && rule['srcIps'].includes(wanted),
    srcIpGroups: (rule, wanted) => hasNamed(rule['srcIpGroups'], wanted),
  },
  shape,
  complete: ({ body, old, now, editor }): Body => ({
    rank: 7,
    state: 'ENABLED',
    enableFullLogging: false,
    excludeSrcCountries: false,
    destIpCategories: [],
    destCountries: [],
    ...body,
    predefined: old?.['predefined'] ?? false,
    defaultRule: old?.['defaultRule'] ?? false,
    ...stamp({ now, editor }),
  }),
  check: (placing) =>
    checkStale(placing) ?? checkRoom(placing) ?? checkPlace(placing) ?? checkGroups(placing),
  settle(stored, { staged, now, editor, old }) {
    const order = orderOf(stored)
    if (old !== undefined && orderOf(old) === order) return
    const others = staged.firewallFilteringRules.filter((rule) => rule.id !== stored.id)
    // The old place closes up first, then the new one opens.
    const closed = others.map((rule) => shift(rule, old === undefined ? Infinity : orderOf(old) + 1, -1))
    const opened = closed.map((rule) => shift(rule, order, 1))
    const moved = opened.map((rule, index) =>
      orderOf(rule) === orderOf(others[index] ?? rule) ? rule : { ...rule, ...stamp({ now, editor }) },
    )
    staged.firewallFilteringRules = [...moved, stored].toSorted((a, b) => orderOf(a) - orderOf(b))
  },
  keep: (stored) =>
    stored['predefined'] === true || stored['defaultRule'] === true
      ? refuse(403, 'INVALID_OPERATION', `Rule ${stored.name} cannot be deleted`)
      : undefined,
  // Orders have no gaps: those behind it move up.
  close(gone, staged) {
    staged.firewallFilteringRules = staged.firewallFilteringRules.map((rule) =>
      shift(rule, orderOf(gone) + 1, -1),
    )
  },
  show: (stored, staged, { mayWrite }) => ({
    ...named(stored, staged),
    ...OWNED,
    accessControl: mayWrite ? 'READ_WRITE' : 'READ_ONLY',
  }),
  echo: (stored, { old }) => ({
    ...without(
      stored,
      old === undefined ? ['predefined', 'lastModifiedTime', 'lastModifiedBy'] : ['predefined'],
    ),
    ...OWNED,
  }),
}

/** The place of a rule among the others; the default rule has −1. */
export const orderOf = (rule: Stored): number => Number(rule['order'])

/** A rule with the names of the groups it refers to. */
function named(rule: Stored, { ipSourceGroups }: Configuration): Body {
  const ids = idsOf(rule['srcIpGroups'])
  if (ids.length === 0) return rule
  return { ...rule, srcIpGroups: ids.map((id) => ({ id, name: byId(ipSourceGroups, id)?.name })) }
}

function hasNamed(references: unknown, wanted: string): boolean {
  if (!Array.isArray(references)) return false
  return references.some(
    ({ id, name }: { readonly id?: unknown; readonly name?: unknown }) =>
      String(id) === wanted || name === wanted,
  )
}

function shift(rule: Stored, from: number, by: number): Stored {
  return orderOf(rule) >= from ? { ...rule, order: orderOf(rule) + by } : rule
}

function stamp({ now, editor }: Pick<Placing, 'now' | 'editor'>): Body {
  return { lastModifiedTime: Math.floor(now / 1000), lastModifiedBy: { id: 41_000_001, name: editor } }
}

function checkStale({ body, old }: Placing): Reply | undefined {
  const time = body['lastModifiedTime']
  if (old === undefined || time === undefined || time === old['lastModifiedTime']) return undefined
  return refuse(409, 'STALE_CONFIGURATION_ERROR', 'Configuration has been modified since it was read')
}

function checkRoom({ old, staged, rules }: Placing): Reply | undefined {
  const own = staged.firewallFilteringRules.filter(
    (rule) => rule['predefined'] !== true && rule['defaultRule'] !== true,
  )
  const most = MOST[rules.firewall]
  if (old !== undefined || own.length < most) return undefined
  return refuse(403, 'LIMIT_EXCEEDED', `The limit of ${most} firewall filtering rules is reached`)
}

function checkPlace({ body, old, staged }: Placing): Reply | undefined {
  const order = Number(body['order'])
  if (old !== undefined && order === orderOf(old) && order < 1) return undefined
  const others = staged.firewallFilteringRules.filter((rule) => rule.id !== old?.id)
  const last = Math.max(0, ...others.map(orderOf)) + 1
  const rank = Number(body['rank'] ?? 7)
  const isAhead = (rule: Stored): boolean => orderOf(rule) > 0 && orderOf(rule) < order
  const ranked = others.filter((rule) => orderOf(rule) > 0)
  const isOutOfRank = ranked.some((rule) =>
    isAhead(rule) ? Number(rule['rank']) > rank : Number(rule['rank']) < rank,
  )
  if (order >= 1 && order <= last && !isOutOfRank) return undefined
  return invalid(`Rule ${String(body['name'])} is not allowed at order ${order}`)
}

function checkGroups({ body, staged }: Placing): Reply | undefined {
  const unknown = idsOf(body['srcIpGroups']).find((id) => byId(staged.ipSourceGroups, id) === undefined)
  return unknown === undefined ? undefined : invalid(`IP source group ${unknown} does not exist`)
}
