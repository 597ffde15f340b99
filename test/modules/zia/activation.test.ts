import { describe, expect, test } from 'vitest'

import { activation } from '../../../modules/zia/activation.ts'
import { licences } from '../../../modules/zia/licences.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

const PLACE = { ipAddress: '10.84.0.110', subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200' }

async function createWorld(options: Parameters<typeof createRig>[0] = {}) {
  const rig = await createRig(options)
  const session = await rig.open()
  return { rig, under: { session, clock: rig.clock }, ...viewsOf(session) }
}

describe('zia/activation', () => {
  test('activates what is staged, and has nothing to do afterwards', async () => {
    const { rig, under, writer } = await createWorld()
    expect((await converge(activation, {}, under)).changes).toEqual([])
    await writer.create('ipSourceGroups', { name: 'g' })
    const { changes, remaining } = await converge(activation, {}, under)
    expect(lines(changes)).toEqual(['status: PENDING → ACTIVE'])
    expect(remaining).toEqual([])
    expect(rig.tenant.mutations).toBe(2)
  })

  test('waits until an activation that is under way is through', async () => {
    const { rig, under, writer } = await createWorld()
    await writer.create('ipSourceGroups', { name: 'g' })
    rig.tenant.faults.inject('slow-activation')
    expect((await converge(activation, {}, under)).remaining).toEqual([])
  })

  test('gives up after ten minutes of another administrator’s edits, and says whom to ask', async () => {
    const { rig, under, writer } = await createWorld({ scale: 2000 })
    await writer.create('ipSourceGroups', { name: 'g' })
    rig.tenant.faults.inject('second-admin')
    await expect(converge(activation, {}, under)).rejects.toMatchObject({
      code: 'TIMEOUT',
      hint: expect.stringContaining('another administrator'),
    })
  })
})

describe('zia/activation, where somebody else had changes pending before', () => {
  async function createShared() {
    const world = await createWorld()
    const admin = world.rig.tenant.administrator({ name: 'admin@acme.example' })
    await admin.edit('locations', 'Frankfurt', { description: 'not ready yet' })
    await world.writer.create('ipSourceGroups', { name: 'g' })
    return world
  }

  test('refuses, shows in check mode that it would meet them, and says how to let them go with ours', async () => {
    const { rig, under } = await createShared()
    const { changes } = await converge(activation, {}, { ...under, check: true })
    expect(changes[0]?.note).toContain('somebody else had some before this run')
    await expect(converge(activation, {}, under)).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('somebody else had changes pending in ZIA before this run'),
      hint: expect.stringContaining('--set activateOthers=true'),
    })
    expect(rig.tenant.counts.activations).toBe(0)
  })

  test('activates them with ours where that is wanted', async () => {
    const { rig, under } = await createShared()
    expect((await converge(activation, { others: 'include' }, under)).remaining).toEqual([])
    expect(rig.tenant.counts.activations).toBe(1)
  })

  test('has nothing to do with what somebody changes after the activation', async () => {
    const { rig, under, writer } = await createWorld()
    await writer.create('ipSourceGroups', { name: 'g' })
    await converge(activation, {}, under)
    await rig.tenant.administrator({ name: 'admin' }).edit('locations', 'Frankfurt', { description: 'x' })
    const after = await converge(activation, {}, under)
    expect(after.changes).toEqual([])
    expect(after.warnings).toEqual([expect.stringContaining('waits for an activation of its own')])
    expect(rig.tenant.counts.activations).toBe(1)
  })
})

describe('zia/licences', () => {
  test('[rec] is content with enough licences of V_SVC_EDGE, the used ones counted once', async () => {
    const { under, writer } = await createWorld({ seed: { licences: 3 } })
    await writer.create('virtualZenNodes', { name: 'a', ...PLACE })
    await writer.create('virtualZenNodes', { name: 'other', ...PLACE })
    expect((await converge(licences, { nodes: ['a', 'b'] }, under)).changes).toEqual([])
  })

  test('tells how many are missing', async () => {
    const { under, writer } = await createWorld({ seed: { licences: 2 } })
    await writer.create('virtualZenNodes', { name: 'other', ...PLACE })
    const { changes } = await converge(licences, { nodes: ['a', 'b'] }, under)
    expect(lines(changes)).toEqual(['licences: 2 → 3'])
    expect(changes[0]?.note).toBe('2 for this inventory and 1 in use by other instances')
  })

  test('tells a tenant that has no subscription', async () => {
    const { under } = await createWorld({ seed: { licences: 0 } })
    expect(lines((await converge(licences, { nodes: ['a'] }, under)).changes)).toEqual([
      'subscription: none → Virtual Service Edge',
    ])
  })

  test('tells a subscription that is over', () => {
    const facts = { subscribed: true, sku: '', ends: '2026-01-31', daysLeft: -1, bought: 16, others: 0 }
    expect(lines(licences.uses.diff(facts, { nodes: ['a'] }))).toEqual([
      'subscription end: 2026-01-31 → in the future',
    ])
  })

  test('is a check: it has nothing to apply', () => {
    expect(licences.uses).not.toHaveProperty('apply')
  })
})
