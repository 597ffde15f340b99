import type { SeedTenant } from '../../model/lab-seed.ts'
import { RESOURCE_OF } from './kinds.ts'
import type { TenantRules } from './resource.ts'
import { location } from './resources/location.ts'
import type { Body } from './shape.ts'
import type { Stored, TenantState } from './state.ts'

const RULE: Body = {
  rank: 7,
  state: 'ENABLED',
  enableFullLogging: false,
  excludeSrcCountries: false,
  destIpCategories: [],
  destCountries: [],
  predefined: false,
  defaultRule: false,
  lastModifiedTime: 1_700_000_000,
  lastModifiedBy: { id: 41_000_000, name: 'System' },
}

/** The rules of a tenant that nobody has touched: orders are no clean sequence, the default rule comes first and blocks. */
const RULES: readonly Stored[] = [
  {
    ...RULE,
    id: 1_690_006,
    name: 'Default Firewall Filtering Rule',
    order: -1,
    action: 'BLOCK_DROP',
    defaultRule: true,
  },
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
    epoch: 0,
    staged: empty,
    committed: structuredClone(empty),
    pending: false,
    editors: [],
    queued: false,
    eusaAccepted: true,
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
  const rules = planRules(seed)
  for (const name of fresh) {
    const body = { name, country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN', ofwEnabled: true, ipsControl: true }
    const placing = { body, old: undefined, staged: state.staged, now, editor: 'System', rules }
    const stored: Stored = { ...location.complete(placing), id: state.nextId.locations, name }
    state.nextId.locations += 1
    state.seeded.push(name)
    state.staged.locations = [...state.staged.locations, stored]
    state.committed.locations = [...state.committed.locations, stored]
  }
  return fresh.length > 0
}

/** How a tenant answers that nothing is wrong with. */
export function planRules({ mode, licences, firewall }: SeedTenant): TenantRules {
  return {
    isPlausible: mode !== 'strict',
    licences,
    isSubscribed: licences > 0,
    firewall: firewall ?? 'advanced',
    dropsBinding: false,
    wantsSource: false,
    mayWrite: true,
    isTerse: false,
  }
}
