import { expect, test } from 'vitest'

import { lines } from './converge.ts'
import { deploy, type PlannedCluster } from './deploy.ts'
import { createMark, openDirect } from './direct.ts'

const CLUSTERS: readonly PlannedCluster[] = [
  { name: 'fra', net: 1, nodes: 2, location: 'Frankfurt', exists: true },
  { name: 'muc', net: 2, nodes: 2, location: 'Munich' },
]

test('what a person changed by hand is shown exactly, without a write, and then alone repaired', async () => {
  await using direct = await openDirect()
  const { tenant, clock, open } = direct
  const mark = createMark()
  await deploy(CLUSTERS, { session: await open({ mark }), clock })
  const admin = tenant.administrator({ name: 'admin@acme.example' })
  await admin.edit('virtualZenClusters', 'fra', { ipAddress: '10.0.1.77' })
  await admin.edit('locations', 'Frankfurt', { virtualZenClusters: [], description: 'please keep' })
  await admin.edit('firewallFilteringRules', 'VSE fra', { action: 'BLOCK_DROP', description: 'please keep' })
  await admin.activate()

  const before = tenant.counts
  const session = await open({ mark })
  const shown = await deploy(CLUSTERS, { session, clock, check: true })
  expect(lines(shown)).toEqual([
    'cluster IP: 10.0.1.77 → 10.0.1.200',
    'virtual service edge clusters: [] → ["fra"]',
    'network traffic: BLOCK_DROP → ALLOW',
  ])
  expect(tenant.counts).toMatchObject({ writes: before.writes, activations: before.activations })

  const repaired = await deploy(CLUSTERS, { session, clock })
  expect(lines(repaired)).toEqual([...lines(shown), 'status: PENDING → ACTIVE'])
  expect(tenant.counts.writes - before.writes).toBe(3)
  const changed = Object.entries(tenant.counts.calls)
    .filter(([call, count]) => !call.startsWith('GET') && count !== (before.calls[call] ?? 0))
    .map(([call]) => call.replace(/\/\d+$/, ''))
  expect(changed.toSorted()).toEqual([
    'POST /authenticatedSession',
    'POST /status/activate',
    'PUT /firewallFilteringRules',
    'PUT /locations',
    'PUT /virtualZenClusters',
  ])
  const reader = session.reader({ signal: new AbortController().signal })
  expect(await reader.find('locations', 'Frankfurt')).toHaveProperty('description', 'please keep')
  expect(await reader.find('firewallFilteringRules', 'VSE fra')).toHaveProperty('description', 'please keep')
})
