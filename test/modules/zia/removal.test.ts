import { describe, expect, test } from 'vitest'
import type { z } from 'zod'

import { clusterAbsent } from '../../../modules/zia/cluster-absent.ts'
import { firewallRuleAbsent } from '../../../modules/zia/firewall-rule-absent.ts'
import { firewallRule } from '../../../modules/zia/firewall-rule.ts'
import { instanceAbsent } from '../../../modules/zia/instance-absent.ts'
import { instanceGone } from '../../../modules/zia/instance-gone.ts'
import { locationAbsent } from '../../../modules/zia/location-absent.ts'
import { locationBinding } from '../../../modules/zia/location-binding.ts'
import { locationUnbound } from '../../../modules/zia/location-unbound.ts'
import { removable } from '../../../modules/zia/removable.ts'
import type { Demand } from '../../../src/model/demand.ts'
import type { Module } from '../../../src/model/module.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'
import { createMark, openDirect, type Direct } from './direct.ts'

const NET = { subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200' }
const ADDRESSES = ['10.84.0.111', '10.84.0.121', '10.84.0.130']
const RULE = { name: 'VSE lab-1', addresses: ADDRESSES }
const CLUSTER = { name: 'lab-1', address: '10.84.0.130', nodes: ['lab-1-a', 'lab-1-b'] }
const BINDING = { location: 'Frankfurt', cluster: 'lab-1', address: '10.84.0.130' }
const REMOVAL = {
  cluster: { name: 'lab-1', address: '10.84.0.130' },
  instances: [
    { name: 'lab-1-a', proxy: '10.84.0.111' },
    { name: 'lab-1-b', proxy: '10.84.0.121' },
  ],
  location: 'Frankfurt',
  rule: RULE.name,
  addresses: ADDRESSES,
}

const NODE = { name: 'lab-1-a', proxy: '10.84.0.111' }

/** What the removal of a cluster of two foretells that it asks of ZIA. */
const DEMANDED = countCalls([
  ...demandsOf(locationUnbound, BINDING),
  ...demandsOf(clusterAbsent, CLUSTER),
  ...demandsOf(instanceAbsent, NODE),
  ...demandsOf(instanceAbsent, NODE),
  ...demandsOf(firewallRuleAbsent, RULE),
])

function demandsOf<P extends z.ZodObject>(
  { uses }: { readonly uses: Pick<Module<P>, 'demands' | 'params'> },
  input: z.input<P>,
): readonly Demand[] {
  return uses.demands?.(uses.params.parse(input)) ?? []
}

function countCalls(demands: readonly Demand[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { quota, calls } of demands) counts[quota] = (counts[quota] ?? 0) + calls
  return counts
}

/** The calls by which something is removed: of each resource, whatever its id. */
function countRemovals(calls: Readonly<Record<string, number>>): Record<string, number> {
  return countCalls(
    Object.entries(calls).flatMap(([call, count]) =>
      /^(PUT|DELETE) /.test(call)
        ? [{ quota: call.replace(/\/\d+$/, ''), perHour: 400, calls: count, seconds: 1 }]
        : [],
    ),
  )
}

/** A tenant with a cluster of two as a deployment leaves it, and a node of somebody else's. */
async function createWorld() {
  const rig = await createRig()
  const session = await rig.open()
  const views = viewsOf(session)
  const under = { session, clock: rig.clock }
  const { writer } = views
  const node = (name: string, ipAddress: string) =>
    writer.create('virtualZenNodes', { name, ipAddress, ...NET, deploymentMode: 'CLUSTER' })
  const [a, b, foreign] = [
    await node('lab-1-a', '10.84.0.111'),
    await node('lab-1-b', '10.84.0.121'),
    await node('theirs', '10.84.0.199'),
  ]
  const cluster = await writer.create('virtualZenClusters', {
    name: 'lab-1',
    ipAddress: '10.84.0.130',
    ...NET,
    type: 'VIP',
    virtualZenNodes: [{ id: a.id }, { id: b.id }],
  })
  await converge(locationBinding, { location: 'Frankfurt', cluster: 'lab-1' }, under)
  await converge(firewallRule, RULE, under)
  return { ...views, rig, under, cluster, foreign }
}

describe('the removal of a cluster', () => {
  test('goes step by step, changes nothing of others, and nothing the second time', async () => {
    const { rig, under, reader } = await createWorld()
    const before = await reader.find('locations', 'Frankfurt')
    const edits = countRemovals(rig.tenant.counts.calls)
    const steps = [
      () => converge(removable, REMOVAL, under),
      () => converge(locationUnbound, BINDING, under),
      () => converge(clusterAbsent, CLUSTER, under),
      () => converge(instanceAbsent, { name: 'lab-1-a', proxy: '10.84.0.111' }, under),
      () => converge(instanceAbsent, { name: 'lab-1-b', proxy: '10.84.0.121' }, under),
      () => converge(firewallRuleAbsent, RULE, under),
    ]
    const done: (readonly string[])[] = []
    for (const step of steps) {
      const { changes, remaining } = await step()
      done.push(lines(changes))
      expect(remaining).toEqual([])
    }
    expect(done).toEqual([
      [],
      ['virtual service edge clusters: ["lab-1"] → []'],
      ['nodes: 2 → 0', 'cluster: lab-1 → –'],
      ['instance: lab-1-a → –'],
      ['instance: lab-1-b → –'],
      ['rule: VSE lab-1 → –', 'IP source group: VSE lab-1 → –'],
    ])
    const made = countRemovals(rig.tenant.counts.calls)
    expect(
      Object.fromEntries(Object.entries(made).map(([call, count]) => [call, count - (edits[call] ?? 0)])),
    ).toEqual(DEMANDED)
    for (const step of steps) expect((await step()).changes).toEqual([])
    expect((await reader.list('virtualZenNodes')).map(({ name }) => name)).toEqual(['theirs'])
    const { virtualZenClusters, ...rest } = { ...before, virtualZenClusters: [] }
    expect(virtualZenClusters).toEqual([])
    expect(await reader.find('locations', 'Frankfurt')).toMatchObject(rest)
  })

  test('is refused in any other order, also where check mode foresees that the order is kept', async () => {
    const { under } = await createWorld()
    const soon = { name: 'lab-1-a', proxy: '10.84.0.111', cluster: 'lab-1', location: 'Frankfurt' }
    const detached = { ...CLUSTER, location: 'Frankfurt' }
    const checked = { ...under, check: true }
    expect(lines((await converge(clusterAbsent, detached, checked)).changes)).toHaveLength(2)
    expect(lines((await converge(instanceAbsent, soon, checked)).changes)).toHaveLength(1)
    await expect(converge(clusterAbsent, detached, under)).rejects.toThrowError(
      'bound to the location Frankfurt',
    )
    await expect(converge(instanceAbsent, soon, under)).rejects.toThrowError('a node of the cluster lab-1')
    await expect(converge(clusterAbsent, CLUSTER, under)).rejects.toThrowError(
      'bound to the location Frankfurt',
    )
    await expect(
      converge(instanceAbsent, { name: 'lab-1-a', proxy: '10.84.0.111' }, under),
    ).rejects.toThrowError('a node of the cluster lab-1')
  })

  test('tells everything that hangs on it at once, before anything is removed', async () => {
    const { under, writer, cluster, foreign, reader } = await createWorld()
    const { virtualZenNodes } = cluster
    await writer.update('virtualZenClusters', cluster.id, () => ({
      virtualZenNodes: [...(virtualZenNodes ?? []), { id: foreign.id }],
    }))
    await writer.create('locations', { name: 'Berlin', virtualZenClusters: [{ id: cluster.id }] })
    const group = await reader.find('ipSourceGroups', RULE.name)
    await writer.update('ipSourceGroups', group?.id ?? 0, () => ({ ipAddresses: [...ADDRESSES, '10.9.9.9'] }))
    const { changes } = await converge(
      removable,
      {
        ...REMOVAL,
        instances: [
          REMOVAL.instances[0] ?? { name: '', proxy: '' },
          { name: 'lab-1-b', proxy: '10.84.0.77' },
        ],
      },
      under,
    )
    expect(lines(changes)).toEqual([
      'cluster lab-1 › nodes: ["theirs"] → –',
      'cluster lab-1: bound to the location Berlin → –',
      'instance lab-1-b › proxy IP: 10.84.0.121 → 10.84.0.77',
      'IP source group VSE lab-1: ["10.9.9.9"] → –',
    ])
  })

  test('refuses an object that has our name and is another one', async () => {
    const { under } = await createWorld()
    const other = '10.84.0.222'
    await expect(converge(locationUnbound, { ...BINDING, address: other }, under)).rejects.toThrowError(
      'another one',
    )
    await expect(converge(clusterAbsent, { ...CLUSTER, address: other }, under)).rejects.toThrowError(
      'another one',
    )
    await expect(converge(instanceAbsent, { name: 'theirs', proxy: other }, under)).rejects.toThrowError(
      'another one',
    )
    await expect(
      converge(firewallRuleAbsent, { name: 'Block QUIC', addresses: [] }, under),
    ).rejects.toThrowError('other uses')
  })

  test('keeps an IP source group that another rule uses', async () => {
    const { under, writer, reader } = await createWorld()
    const group = await reader.find('ipSourceGroups', RULE.name)
    const srcIpGroups = [{ id: group?.id ?? 0 }]
    await writer.create('firewallFilteringRules', {
      name: 'Theirs',
      order: 1,
      rank: 7,
      action: 'ALLOW',
      srcIpGroups,
    })
    await expect(converge(firewallRuleAbsent, RULE, under)).rejects.toThrowError('used by “Theirs”')
    expect(await reader.find('firewallFilteringRules', RULE.name)).toBeDefined()
  })

  test('does not empty a cluster that somebody has just put another node into', async () => {
    const { rig, under, writer, cluster, foreign } = await createWorld()
    const theirs = viewsOf(await rig.open({ endpoint: { ...rig.endpoint, others: 'include' } }))
    await converge(locationUnbound, BINDING, under)
    const { uses } = clusterAbsent
    const nodes = [...(cluster.virtualZenNodes ?? []), { id: foreign.id }]
    await theirs.writer.update('virtualZenClusters', cluster.id, () => ({ virtualZenNodes: nodes }))
    const context = {
      params: uses.params.parse(CLUSTER),
      target: 'lab-1',
      signal: new AbortController().signal,
      clock: under.clock,
      progress: () => {},
      warn: () => {},
      recall: () => undefined,
      remember: () => Promise.resolve(),
      connection: writer,
    }
    const facts = { id: cluster.id, nodes: 2 }
    const applied = Promise.resolve(uses.apply?.({ ...context, facts, changes: [] }))
    await expect(applied).rejects.toThrowError(
      /somebody changes the cluster lab-1|the inventory has no such node/,
    )
    const { virtualZenNodes } = await theirs.reader.get('virtualZenClusters', cluster.id)
    expect(virtualZenNodes).toHaveLength(3)
  })
})

describe('what somebody has changed since the lists were compared', () => {
  /** A tenant like the one above, on a clock that stands still between requests, so that lists stay young. */
  async function createStill(direct: Direct) {
    const session = await direct.open()
    const under = { session, clock: direct.clock }
    const { writer } = viewsOf(session)
    const { id } = await writer.create('virtualZenNodes', {
      name: 'lab-1-a',
      ipAddress: '10.84.0.111',
      ...NET,
    })
    const place = { ipAddress: '10.84.0.130', ...NET }
    const cluster = await writer.create('virtualZenClusters', { name: 'lab-1', ...place, type: 'VIP' })
    await writer.create('locations', { name: 'Office', virtualZenClusters: [] })
    await converge(firewallRule, RULE, under)
    const admin = direct.tenant.administrator({ name: 'admin@acme.example' })
    return { under, admin, node: id, cluster: cluster.id }
  }
  type Still = Awaited<ReturnType<typeof createStill>>

  const cases: readonly (readonly [
    string,
    {
      remove(under: Still['under']): Promise<unknown>
      change(still: Still): Promise<unknown>
      says: RegExp
    },
  ])[] = [
    [
      'a cluster with another name',
      {
        remove: (under) => converge(clusterAbsent, CLUSTER, under),
        change: ({ admin }) =>
          admin.edit('virtualZenClusters', 'lab-1', { name: 'other', ipAddress: '10.84.0.9' }),
        says: /somebody has renamed it “other” meanwhile/,
      },
    ],
    [
      'a cluster with another address',
      {
        remove: (under) => converge(clusterAbsent, CLUSTER, under),
        change: ({ admin }) => admin.edit('virtualZenClusters', 'lab-1', { ipAddress: '10.84.0.9' }),
        says: /has our name, and is another one/,
      },
    ],
    [
      'a cluster that a location was bound to',
      {
        remove: (under) => converge(clusterAbsent, CLUSTER, under),
        change: ({ admin, cluster }) =>
          admin.edit('locations', 'Frankfurt', { virtualZenClusters: [{ id: cluster }] }),
        says: /bound to the location Frankfurt/,
      },
    ],
    [
      'an instance that a location was bound to',
      {
        remove: (under) => converge(instanceAbsent, { name: 'lab-1-a', proxy: '10.84.0.111' }, under),
        change: ({ admin, node }) => admin.edit('locations', 'Frankfurt', { virtualZens: [{ id: node }] }),
        says: /bound to the location Frankfurt/,
      },
    ],
    [
      'an instance with another name',
      {
        remove: (under) => converge(instanceAbsent, { name: 'lab-1-a', proxy: '10.84.0.111' }, under),
        change: ({ admin }) => admin.edit('virtualZenNodes', 'lab-1-a', { name: 'other' }),
        says: /somebody has renamed it “other” meanwhile/,
      },
    ],
    [
      'a location that was given an address',
      {
        remove: (under) => converge(locationAbsent, { name: 'Office', clusters: [], instances: [] }, under),
        change: ({ admin }) => admin.edit('locations', 'Office', { ipAddresses: ['203.0.113.7'] }),
        says: /static IP addresses/,
      },
    ],
    [
      'a rule that blocks',
      {
        remove: (under) => converge(firewallRuleAbsent, RULE, under),
        change: ({ admin }) => admin.edit('firewallFilteringRules', RULE.name, { action: 'BLOCK_DROP' }),
        says: /other uses/,
      },
    ],
  ]

  test.each(cases)(
    '%s is not deleted, not even while the deletion waits for the edit lock',
    async (_, each) => {
      await using direct = await openDirect()
      const still = await createStill(direct)
      direct.tenant.faults.inject('edit-lock', { only: 'DELETE' })
      let isChanged = false
      direct.tenant.watch(async ({ method, moment, status }) => {
        if (method !== 'DELETE' || moment !== 'answered' || status !== 409 || isChanged) return
        isChanged = true
        await each.change(still)
      })
      await expect(each.remove(still.under)).rejects.toThrow(each.says)
      expect(isChanged).toBe(true)
      const reader = viewsOf(await direct.open()).reader
      const names = await Promise.all(
        (['virtualZenNodes', 'virtualZenClusters', 'locations', 'firewallFilteringRules'] as const).map(
          (kind) => reader.list(kind),
        ),
      )
      expect(names.map((list) => list.length)).toEqual([1, 1, 2, 7])
    },
  )
})

describe('zia/instance-gone', () => {
  const place = { ipAddress: '10.84.0.111', ...NET }

  test('finds an instance by its name and by its address, and nothing where it is gone', async () => {
    await using direct = await openDirect()
    const under = { session: await direct.open(), clock: direct.clock }
    const { writer } = viewsOf(under.session)
    const { id } = await writer.create('virtualZenNodes', { name: 'lab-1-a', ...place })
    expect(lines((await converge(instanceGone, NODE, under)).changes)).toEqual([
      'instance lab-1-a: in ZIA → –',
    ])
    await writer.update('virtualZenNodes', id, () => ({ name: 'other' }))
    const renamed = await converge(instanceGone, NODE, under)
    expect(lines(renamed.changes)).toEqual(['instance lab-1-a: in ZIA, as other → –'])
    await writer.remove('virtualZenNodes', id)
    await writer.activate()
    expect((await converge(instanceGone, NODE, under)).changes).toEqual([])
  })

  test('finds a removal that an earlier run has left without activating it', async () => {
    await using direct = await openDirect()
    const mark = createMark()
    const { writer } = viewsOf(await direct.open({ mark }))
    const { id } = await writer.create('virtualZenNodes', { name: 'lab-1-a', ...place })
    await writer.remove('virtualZenNodes', id)
    const under = { session: await direct.open({ mark }), clock: direct.clock }
    expect(lines((await converge(instanceGone, NODE, under)).changes)).toEqual([
      'removal of lab-1-a: staged → active',
    ])
  })
})

describe('zia/location-absent', () => {
  const input = { name: 'Office', clusters: ['lab-1', 'lab-2'], instances: [] }

  test('deletes a location when the last of the inventory’s clusters is detached from it', async () => {
    const { under, writer, cluster, reader } = await createWorld()
    const { id } = await writer.create('locations', {
      name: 'Office',
      virtualZenClusters: [{ id: cluster.id }],
    })
    const kept = await converge(locationAbsent, input, under)
    expect(kept.changes).toEqual([])
    expect(kept.warnings[0]).toContain('others of the inventory')
    await writer.update('locations', id, () => ({ virtualZenClusters: [] }))
    expect(lines((await converge(locationAbsent, input, under)).changes)).toEqual(['location: Office → –'])
    expect(await reader.find('locations', 'Office')).toBeUndefined()
    expect((await converge(locationAbsent, input, under)).changes).toEqual([])
  })

  test('refuses one that has something of others', async () => {
    const { under, writer, cluster } = await createWorld()
    await writer.create('locations', {
      name: 'Office',
      ipAddresses: ['203.0.113.7'],
      virtualZenClusters: [{ id: cluster.id }],
    })
    const removal = converge(locationAbsent, { ...input, clusters: ['lab-2'] }, under)
    await expect(removal).rejects.toThrowError(
      /Service Edge clusters.*lab-1[\s\S]*static IP addresses.*203\.0\.113\.7/,
    )
  })
})
