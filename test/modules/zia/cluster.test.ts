import { describe, expect, test } from 'vitest'

import { cluster } from '../../../modules/zia/cluster.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

const PLACE = { subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200' }
const CLUSTER = {
  name: 'lab-1',
  address: '10.84.0.110',
  subnetMask: '255.255.255.0',
  gateway: '10.84.0.200',
  nodes: ['b', 'a'],
}

async function createWorld() {
  const rig = await createRig()
  const session = await rig.open()
  const views = viewsOf(session)
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    await views.writer.create('virtualZenNodes', { name, ...PLACE, ipAddress: `10.84.0.${index + 1}` })
  }
  return { rig, under: { session, clock: rig.clock }, ...views }
}

describe('zia/cluster', () => {
  test('adds a cluster of its nodes, and is content the second time', async () => {
    const { under } = await createWorld()
    const first = await converge(cluster, CLUSTER, under)
    expect(lines(first.changes)).toEqual([
      'cluster: – → lab-1',
      'cluster IP: – → 10.84.0.110',
      'subnet mask: – → 255.255.255.0',
      'default gateway: – → 10.84.0.200',
      'status: – → ENABLED',
      'nodes: – → ["a","b"]',
    ])
    expect(first.remaining).toEqual([])
    expect((await converge(cluster, CLUSTER, under)).changes).toEqual([])
  })

  test('brings the nodes back to what is wanted, in both directions', async () => {
    const { under, reader, writer } = await createWorld()
    await converge(cluster, CLUSTER, under)
    const [found] = await reader.list('virtualZenClusters')
    const third = await reader.find('virtualZenNodes', 'c')
    await writer.update('virtualZenClusters', found?.id ?? 0, () => ({
      virtualZenNodes: [{ id: third?.id ?? 0 }],
    }))
    const { changes, remaining } = await converge(cluster, CLUSTER, under)
    expect(lines(changes)).toEqual(['nodes: ["c"] → ["a","b"]'])
    expect(remaining).toEqual([])
    expect(cluster.uses.disruptive?.(changes, CLUSTER, { exists: false })).toContain('lab-1')
  })

  test('compares in check mode before its nodes exist', async () => {
    const { under, rig } = await createWorld()
    const before = rig.tenant.mutations
    const { changes } = await converge(cluster, { ...CLUSTER, nodes: ['x', 'y'] }, { ...under, check: true })
    expect(changes).toHaveLength(6)
    expect(rig.tenant.mutations).toBe(before)
  })

  test('names the node that is missing, and makes nothing', async () => {
    const { under, reader } = await createWorld()
    await expect(converge(cluster, { ...CLUSTER, nodes: ['a', 'x'] }, under)).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('needs the instance x'),
    })
    expect(await reader.list('virtualZenClusters')).toEqual([])
  })

  test('takes no node out of another cluster', async () => {
    const { under } = await createWorld()
    await converge(cluster, CLUSTER, under)
    await expect(
      converge(cluster, { ...CLUSTER, name: 'lab-2', address: '10.84.0.99', nodes: ['b', 'c'] }, under),
    ).rejects.toMatchObject({ message: expect.stringContaining('b is a node of the cluster lab-1 already') })
  })

  test.each([
    ['one node', ['a']],
    ['seventeen nodes', Array.from({ length: 17 }, (_, index) => `n${index}`)],
  ])('refuses %s', (_, nodes) => {
    expect(cluster.uses.params.safeParse({ ...CLUSTER, nodes }).success).toBe(false)
  })
})
