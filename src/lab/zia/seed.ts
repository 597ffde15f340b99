import type { SeedTenant } from '../../model/lab-seed.ts'
import { RESOURCE_OF } from './kinds.ts'
import { location } from './resources/location.ts'
import type { Body } from './shape.ts'
import type { Stored, TenantState } from './state.ts'

const RULE: Body = {
  rank: 7,
  state: 'ENABLED',
  enableFullLogging: false,
  excludeSrcCountries: false,
  predefined: false,
  defaultRule: false,
  lastModifiedTime: 1_700_000_000,
  lastModifiedBy: { id: 41_000_000, name: 'System' },
}

/** The rules of a tenant that nobody has touched: orders are no clean sequence, and the last rule blocks. */
const RULES: readonly Stored[] = [
  {
    ...RULE,
    id: 1_690_001,
    name: 'Office 365 One Click Rule',
    order: 0,
    action: 'ALLOW',
    predefined: true,
    nwApplications: ['OFFICE365'],
  },
  {
    ...RULE,
    id: 1_690_002,
    name: 'Recommended Firewall Rule',
    order: 1,
    action: 'ALLOW',
    nwServices: [{ id: 7_001, name: 'HTTPS' }],
  },
  {
    ...RULE,
    id: 1_690_003,
    name: 'Block QUIC',
    order: 2,
    action: 'BLOCK_DROP',
    nwApplications: ['QUIC'],
  },
  {
    ...RULE,
    id: 1_690_004,
    name: 'UCaaS One Click Rule',
    order: 3,
    action: 'ALLOW',
    predefined: true,
    appServices: [{ id: 7_002, name: 'UCAAS' }],
  },
  {
    ...RULE,
    id: 1_690_005,
    name: 'Block malicious IPs and domains',
    order: 3,
    action: 'BLOCK_DROP',
    predefined: true,
    destIpCategories: ['MALWARE_SITE'],
  },
  {
    ...RULE,
    id: 1_690_006,
    name: 'Default Firewall Filtering Rule',
    order: -1,
    action: 'BLOCK_DROP',
    defaultRule: true,
  },
]

/** The state of a tenant that nobody has touched. */
export function planTenant(): TenantState {
  const empty = {
    virtualZenNodes: [],
    virtualZenClusters: [],
    locations: [],
    firewallFilteringRules: [...RULES],
    ipSourceGroups: [],
  }
  return {
    staged: empty,
    committed: structuredClone(empty),
    pending: false,
    nextId: {
      virtualZenNodes: RESOURCE_OF.virtualZenNodes.firstId,
      virtualZenClusters: RESOURCE_OF.virtualZenClusters.firstId,
      locations: location.firstId,
      firewallFilteringRules: RESOURCE_OF.firewallFilteringRules.firstId + RULES.length,
      ipSourceGroups: RESOURCE_OF.ipSourceGroups.firstId,
      gateway: 52_262,
    },
    seeded: [],
    certificates: {},
  }
}

/** Adds the locations that an inventory expects and that were not added before; says whether there were any. */
export function addSeededLocations(state: TenantState, seed: SeedTenant, now: number): boolean {
  const fresh = seed.locations.filter((name) => !state.seeded.includes(name))
  for (const name of fresh) {
    const body = { name, country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN', ofwEnabled: true, ipsControl: true }
    const placing = { body, old: undefined, staged: state.staged, now, editor: 'System' }
    const stored: Stored = { ...location.complete(placing), id: state.nextId.locations, name }
    state.nextId.locations += 1
    state.seeded.push(name)
    state.staged.locations.push(stored)
    state.committed.locations.push(structuredClone(stored))
  }
  return fresh.length > 0
}

/** What the tenant has bought, in the recorded form. */
export function planSubscriptions(licences: number, now: number): readonly Body[] {
  const second = Math.floor(now / 1000)
  const year = 365 * 24 * 3600
  const entry = (id: string, sku: string, count: number): Body => ({
    id,
    status: 'SUBSCRIBED',
    licenses: count,
    startDate: second - year,
    strStartDate: text(second - year),
    endDate: second + year,
    strEndDate: text(second + year),
    sku,
    updatedAtTimestamp: second - year,
    subscribed: true,
  })
  return [
    entry('Z_API', 'API Access', 1),
    entry('ZFW_NG_WITH_LOG', 'Advanced Cloud Firewall', 1000),
    ...(licences > 0 ? [entry('V_SVC_EDGE', 'Virtual Service Edge', licences)] : []),
  ]
}

const text = (second: number): string => new Date(second * 1000).toISOString().slice(0, 10)
