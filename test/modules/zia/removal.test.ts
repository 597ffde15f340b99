import { describe, expect, test } from 'vitest'

import { clusterAbsent } from '../../../modules/zia/cluster-absent.ts'
import { firewallRuleAbsent } from '../../../modules/zia/firewall-rule-absent.ts'
import { firewallRule } from '../../../modules/zia/firewall-rule.ts'
import { instanceAbsent } from '../../../modules/zia/instance-absent.ts'
import { locationAbsent } from '../../../modules/zia/location-absent.ts'
import { locationBinding } from '../../../modules/zia/location-binding.ts'
import { locationUnbound } from '../../../modules/zia/location-unbound.ts'
import { removable } from '../../../modules/zia/removable.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

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
    const { under, reader } = await createWorld()
    const before = await reader.find('locations', 'Frankfurt')
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
    const theirs = viewsOf(await rig.open())
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
