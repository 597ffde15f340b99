import { describe, expect, test } from 'vitest'

import { instance } from '../../../modules/zia/instance.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

const NODE = {
  name: 'lab-1-a',
  proxy: '10.84.0.111',
  subnetMask: '255.255.255.0',
  gateway: '10.84.0.200',
  loadBalancer: '10.84.0.112',
  mode: 'cluster',
} as const

async function createWorld() {
  const rig = await createRig()
  const session = await rig.open()
  return { rig, under: { session, clock: rig.clock }, ...viewsOf(session) }
}

describe('zia/instance', () => {
  test('adds an instance, and is content the second time', async () => {
    const { rig, under } = await createWorld()
    const first = await converge(instance, NODE, under)
    expect(lines(first.changes)).toEqual([
      'instance: – → lab-1-a',
      'proxy IP: – → 10.84.0.111',
      'subnet mask: – → 255.255.255.0',
      'default gateway: – → 10.84.0.200',
      'LB IP: – → 10.84.0.112',
      'deployment mode: – → CLUSTER',
      'deployment status: – → In Production',
      'status: – → ENABLED',
    ])
    expect(first.remaining).toEqual([])
    const before = rig.tenant.mutations
    expect((await converge(instance, NODE, under)).changes).toEqual([])
    expect(rig.tenant.mutations).toBe(before)
  })

  test('writes nothing in check mode', async () => {
    const { rig, under } = await createWorld()
    expect((await converge(instance, NODE, { ...under, check: true })).changes).toHaveLength(8)
    expect(rig.tenant.mutations).toBe(0)
  })

  test('predicts the same for an instance that is absent as for one it cannot look for', () => {
    const params = instance.uses.params.parse(NODE)
    expect(instance.uses.diff({ exists: false }, params)).toEqual(
      instance.uses.diff(instance.uses.absent ?? { exists: false }, params),
    )
  })

  test('repairs exactly what a person changed by hand, and keeps the rest', async () => {
    const { rig, under, reader, writer } = await createWorld()
    await converge(instance, NODE, under)
    const made = await reader.find('virtualZenNodes', NODE.name)
    await writer.update('virtualZenNodes', made?.id ?? 0, () => ({
      ipAddress: '10.84.0.9',
      ipSecEnabled: true,
    }))
    const { changes, remaining } = await converge(instance, NODE, under)
    expect(lines(changes)).toEqual(['proxy IP: 10.84.0.9 → 10.84.0.111'])
    expect(remaining).toEqual([])
    expect(await reader.get('virtualZenNodes', made?.id ?? 0)).toMatchObject({ ipSecEnabled: true })
    expect(rig.tenant.instanceId(NODE.name)).toBe(made?.id)
    expect(
      instance.uses.disruptive?.(changes, instance.uses.params.parse(NODE), { exists: false }),
    ).toContain('lab-1-a')
  })

  test('takes the LB address away from an instance that becomes standalone', async () => {
    const { under } = await createWorld()
    await converge(instance, NODE, under)
    const { loadBalancer: _, ...rest } = NODE
    const { changes, remaining } = await converge(instance, { ...rest, mode: 'standalone' }, under)
    expect(lines(changes)).toEqual(['LB IP: 10.84.0.112 → –', 'deployment mode: CLUSTER → STANDALONE'])
    expect(remaining).toEqual([])
  })

  test('adds 80 instances with one list read and two requests each', async () => {
    const { rig, under } = await createWorld()
    const results = await Promise.all(
      Array.from({ length: 80 }, (_, index) =>
        converge(instance, { ...NODE, name: `n-${index}`, proxy: `10.84.1.${index + 1}` }, under),
      ),
    )
    expect(results.flatMap(({ remaining }) => remaining)).toEqual([])
    expect(rig.tenant.mutations).toBe(80)
  })

  test.each([
    ['an address that is none', { ...NODE, proxy: '10.84.0.256' }],
    ['an unknown key', { ...NODE, vlan: 5 }],
    ['an unknown mode', { ...NODE, mode: 'hybrid' }],
  ])('refuses %s', (_, input) => {
    expect(instance.uses.params.safeParse(input).success).toBe(false)
  })
})
