import { describe, expect, test } from 'vitest'

import { firewallRule } from '../../../modules/zia/firewall-rule.ts'
import { unclaimed } from '../../../modules/zia/unclaimed.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

const RULE = { name: 'VSE lab-1', addresses: ['10.84.0.112', '10.84.0.110', '10.84.0.111'] }

async function createWorld(options: Parameters<typeof createRig>[0] = {}) {
  const rig = await createRig(options)
  const session = await rig.open()
  return { rig, under: { session, clock: rig.clock }, ...viewsOf(session) }
}

describe('zia/firewall-rule', () => {
  test('inserts one rule over one source group, and is content the second time', async () => {
    const { rig, under, writer } = await createWorld()
    const first = await converge(firewallRule, RULE, under)
    expect(lines(first.changes)).toEqual([
      'source IP addresses: – → ["10.84.0.110","10.84.0.111","10.84.0.112"]',
      'rule: – → VSE lab-1',
      'rule order: – → 1',
      'network traffic: – → ALLOW',
    ])
    expect(first.remaining).toEqual([])
    expect((await converge(firewallRule, RULE, under)).changes).toEqual([])
    await writer.activate()
    expect(rig.tenant.view.allows(RULE.addresses)).toBe(true)
  })

  test('changes addresses in the group alone, without touching the rule', async () => {
    const { under, reader } = await createWorld()
    await converge(firewallRule, RULE, under)
    const before = await reader.find('firewallFilteringRules', RULE.name)
    const { changes, remaining } = await converge(
      firewallRule,
      { ...RULE, addresses: ['10.84.0.110'] },
      under,
    )
    expect(changes.map(({ path }) => path)).toEqual(['source IP addresses'])
    expect(remaining).toEqual([])
    expect(await reader.get('firewallFilteringRules', before?.id ?? 0)).toEqual(before)
  })

  test('mends exactly what a person changed by hand', async () => {
    const { under, reader, writer } = await createWorld()
    await converge(firewallRule, RULE, under)
    const { id } = (await reader.find('firewallFilteringRules', RULE.name)) ?? { id: 0 }
    await writer.update('firewallFilteringRules', id, () => ({
      action: 'BLOCK_DROP',
      state: 'DISABLED',
      nwServices: [{ id: 7001 }],
      srcIpGroups: [],
      srcIps: ['10.0.0.1'],
      description: 'please keep',
    }))
    const { changes, remaining } = await converge(firewallRule, RULE, under)
    expect(lines(changes)).toEqual([
      'network traffic: BLOCK_DROP → ALLOW',
      'rule status: DISABLED → ENABLED',
      'IP source group: – → VSE lab-1',
      'other criteria: ["srcIps","nwServices"] → []',
    ])
    expect(remaining).toEqual([])
    expect(await reader.get('firewallFilteringRules', id)).toMatchObject({
      order: 1,
      description: 'please keep',
    })
  })

  test('[rec] leaves a rule where it is when others are inserted above it, and never moves another', async () => {
    const { under, reader, writer } = await createWorld()
    await converge(firewallRule, { ...RULE, order: 2 }, under)
    await writer.create('firewallFilteringRules', { name: 'theirs', order: 1, action: 'ALLOW' })
    const { id } = (await reader.find('firewallFilteringRules', RULE.name)) ?? { id: 0 }
    expect(await reader.get('firewallFilteringRules', id)).toMatchObject({ order: 3 })
    await writer.update('firewallFilteringRules', id, () => ({ state: 'DISABLED' }))
    expect((await converge(firewallRule, { ...RULE, order: 2 }, under)).remaining).toEqual([])
    expect(await reader.get('firewallFilteringRules', id)).toMatchObject({ order: 3, state: 'ENABLED' })
  })

  test('tells an order that ZIA does not allow', async () => {
    const { under } = await createWorld()
    await expect(converge(firewallRule, { ...RULE, order: 99 }, under)).rejects.toMatchObject({
      reason: 'INVALID_INPUT_ARGUMENT',
      message: expect.stringContaining('not allowed at order 99'),
    })
  })

  test('names the ranked rules that it cannot be put before, and the order that it can have, before it writes anything', async () => {
    const { rig, under, writer } = await createWorld()
    await writer.create('firewallFilteringRules', { name: 'Ranked', order: 1, rank: 3, action: 'ALLOW' })
    const before = rig.tenant.mutations
    await expect(converge(firewallRule, RULE, under)).rejects.toMatchObject({
      code: 'MODULE',
      message: 'the rule “VSE lab-1” cannot have the order 1: “Ranked” rank before it',
      hint: 'set firewallRule.order of the cluster to 2 or more',
    })
    const claim = {
      instances: [{ name: 'lab-1-a', proxy: '10.84.0.111' }],
      location: { name: 'Frankfurt', create: false },
      rule: RULE.name,
    }
    const { changes } = await converge(unclaimed, claim, under)
    expect(lines(changes)).toEqual(['order of the firewall filtering rule VSE lab-1: 1 → 2'])
    expect(rig.tenant.mutations).toBe(before)
    expect((await converge(unclaimed, { ...claim, order: 2 }, under)).changes).toEqual([])
    expect((await converge(firewallRule, { ...RULE, order: 2 }, under)).remaining).toEqual([])
  })

  test('finishes what an earlier run began: the group is there, the rule is not', async () => {
    const { under, writer, reader } = await createWorld()
    await writer.create('ipSourceGroups', { name: RULE.name, ipAddresses: RULE.addresses })
    const { changes, remaining } = await converge(firewallRule, RULE, under)
    expect(changes.map(({ path }) => path)).not.toContain('source IP addresses')
    expect(remaining).toEqual([])
    expect(await reader.list('ipSourceGroups')).toHaveLength(1)
  })

  test('[rec] refuses to touch a predefined rule of Zscaler’s own', async () => {
    const { under } = await createWorld()
    const input = { ...RULE, name: 'UCaaS One Click Rule' }
    await expect(converge(firewallRule, input, under)).rejects.toMatchObject({ code: 'MODULE' })
  })

  test('has the addresses in the rule itself where no group is wanted, and changes them there', async () => {
    const { rig, under, reader, writer } = await createWorld()
    const input = { ...RULE, sources: 'inline' } as const
    expect((await converge(firewallRule, input, under)).remaining).toEqual([])
    expect((await converge(firewallRule, input, under)).changes).toEqual([])
    expect(await reader.list('ipSourceGroups')).toEqual([])
    const { changes, remaining } = await converge(
      firewallRule,
      { ...input, addresses: ['10.84.0.110'] },
      under,
    )
    expect(lines(changes)).toEqual([
      'source IP addresses: ["10.84.0.110","10.84.0.111","10.84.0.112"] → ["10.84.0.110"]',
    ])
    expect(remaining).toEqual([])
    await writer.activate()
    expect(rig.tenant.view.allows(['10.84.0.110'])).toBe(true)
  })

  test('moves between a group and the rule itself, either way', async () => {
    const { under, reader } = await createWorld()
    await converge(firewallRule, RULE, under)
    expect((await converge(firewallRule, { ...RULE, sources: 'inline' }, under)).remaining).toEqual([])
    const inline = await reader.find('firewallFilteringRules', RULE.name)
    expect(inline).toMatchObject({ srcIps: RULE.addresses.toSorted() })
    expect(inline?.srcIpGroups ?? []).toEqual([])
    expect((await converge(firewallRule, RULE, under)).remaining).toEqual([])
  })

  test('stops before it writes anything where the Standard firewall has its ten rules', async () => {
    const { rig, under, writer, reader } = await createWorld({ seed: { firewall: 'standard' } })
    const room = async (): Promise<number> =>
      (await reader.list('firewallFilteringRules')).filter(
        (rule) =>
          !('predefined' in rule && rule.predefined === true) &&
          !('defaultRule' in rule && rule.defaultRule === true),
      ).length
    for (let count = await room(); count < 10; count += 1) {
      await writer.create('firewallFilteringRules', {
        name: `theirs ${count}`,
        order: 1,
        rank: 7,
        action: 'ALLOW',
      })
    }
    const before = rig.tenant.mutations
    await expect(converge(firewallRule, RULE, { ...under, check: true })).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('the Standard firewall takes 10 rules, and the tenant has 10'),
    })
    await expect(converge(firewallRule, RULE, under)).rejects.toThrow('no room')
    expect(rig.tenant.mutations).toBe(before)
  })
})
