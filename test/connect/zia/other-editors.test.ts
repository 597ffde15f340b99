import { describe, expect, test } from 'vitest'

import { createMark, openDirect, type Direct } from '../../modules/zia/direct.ts'

const NODE = { ipAddress: '10.0.0.1', subnetMask: '255.255.255.0', defaultGateway: '10.0.0.254' }

async function openViews(direct: Direct, options: Parameters<Direct['open']>[0] = {}) {
  const warnings: string[] = []
  const waits: string[] = []
  const session = await direct.open({ mark: createMark(), ...options })
  const use = {
    signal: new AbortController().signal,
    warn: (message: string) => void warnings.push(message),
    waiting: (reason: string) => void waits.push(reason),
  }
  const admin = direct.tenant.administrator({ name: 'admin@acme.example' })
  return { reader: session.reader(use), writer: session.writer(use), warnings, waits, admin, session }
}

describe('a change of somebody else’s', () => {
  test('to a rule between our reading and our writing is kept, because the rule carries the time of its last change', async () => {
    await using direct = await openDirect()
    const { reader, writer, waits } = await openViews(direct)
    const rule = await reader.find('firewallFilteringRules', 'Block QUIC')
    direct.tenant.faults.inject('admin-race')
    const after = await writer.update('firewallFilteringRules', rule?.id ?? 0, () => ({ state: 'DISABLED' }))
    expect(after).toMatchObject({ state: 'DISABLED', description: expect.stringContaining('changed by') })
    expect(waits.join()).toContain('somebody else changed the firewall filtering rule at the same moment')
  })

  test('is not looked for where the tenant takes no time of the last change back: the rule is sent without it', async () => {
    await using direct = await openDirect()
    const bodies: string[] = []
    const session = await direct.open({
      dislikes(body) {
        if (body !== '') bodies.push(body)
        return body.includes('lastModifiedTime')
      },
    })
    const writer = session.writer({ signal: new AbortController().signal })
    const rules = await writer.list('firewallFilteringRules')
    for (const name of ['Block QUIC', 'Recommended Firewall Rule']) {
      const id = rules.find((rule) => rule.name === name)?.id ?? 0
      expect(await writer.update('firewallFilteringRules', id, () => ({ state: 'DISABLED' }))).toMatchObject({
        state: 'DISABLED',
      })
    }
    // Once is enough to know.
    expect(bodies.filter((body) => body.includes('lastModifiedTime'))).toHaveLength(1)
  })

  test('during a wait for the edit lock is kept: what is sent after a wait is read after it', async () => {
    await using direct = await openDirect()
    const { reader, writer, admin } = await openViews(direct)
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    direct.tenant.faults.inject('edit-lock')
    let isSaved = false
    direct.tenant.watch(async ({ method, moment, status }) => {
      if (method !== 'PUT' || moment !== 'answered' || status !== 409 || isSaved) return
      isSaved = true
      await admin.edit('locations', 'Frankfurt', { description: 'saved in the portal' })
    })
    const after = await writer.update('locations', id, () => ({ state: 'Hessen' }))
    expect(after).toMatchObject({ state: 'Hessen', description: 'saved in the portal' })
  })

  test('right after our update is kept, and told', async () => {
    await using direct = await openDirect()
    const { reader, writer, warnings } = await openViews(direct)
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    direct.tenant.faults.inject('admin-edit')
    const after = await writer.update('locations', id, () => ({ state: 'Hessen' }))
    expect(after).toMatchObject({ state: 'Hessen', description: expect.stringContaining('changed by') })
    expect(warnings).toEqual([expect.stringContaining('“Frankfurt” came back with another description')])
  })

  test('that undoes ours by an old form is itself undone before the activation, field by field', async () => {
    await using direct = await openDirect()
    const { reader, writer, warnings, admin } = await openViews(direct, { others: 'include' })
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    const cluster = await writer.create('virtualZenClusters', { name: 'c', ...NODE })
    await writer.update('locations', id, ({ virtualZenClusters }) => ({
      virtualZenClusters: [
        ...(virtualZenClusters ?? []).filter((one) => one.id !== cluster.id),
        { id: cluster.id },
      ],
    }))
    await admin.edit('locations', 'Frankfurt', { virtualZenClusters: [], description: 'from an old form' })
    await writer.activate()
    expect(await reader.get('locations', id)).toMatchObject({
      description: 'from an old form',
      virtualZenClusters: [{ id: cluster.id }],
    })
    expect(warnings).toContainEqual(
      expect.stringMatching(/save has undone virtualZenClusters of the location “Frankfurt”/),
    )
    expect(await reader.status()).toBe('ACTIVE')
  })

  test('that means another value than ours stays as it is', async () => {
    await using direct = await openDirect()
    const { reader, writer, admin } = await openViews(direct, { others: 'include' })
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    await writer.update('locations', id, () => ({ state: 'Hessen' }))
    await admin.edit('locations', 'Frankfurt', { state: 'Bayern' })
    await writer.activate()
    expect((await reader.get('locations', id)) as object).toHaveProperty('state', 'Bayern')
  })

  test('that deletes what this run has made stops the activation', async () => {
    await using direct = await openDirect()
    const { writer, reader, admin } = await openViews(direct)
    await writer.create('ipSourceGroups', { name: 'g' })
    await admin.remove('ipSourceGroups', 'g')
    await expect(writer.activate()).rejects.toThrow(
      'somebody has deleted what this run needs: IP source group',
    )
    expect(await reader.status()).toBe('PENDING')
  })

  test('that takes long is told: ZIA holds our edit without a word', async () => {
    await using direct = await openDirect()
    const { reader, writer, waits, warnings, admin } = await openViews(direct)
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    let release: (() => void) | undefined
    direct.tenant.watch(async ({ method, moment }) => {
      if (method !== 'PUT' || moment !== 'arrived' || release !== undefined) return
      release = await admin.holdLock()
      void direct.clock.sleep(20_000).then(release)
    })
    await writer.update('locations', id, () => ({ state: 'Hessen' }))
    expect(waits.join()).toMatch(/ZIA to answer PUT \/locations\/\d+: somebody else is probably saving/)
    expect(warnings).toEqual([expect.stringMatching(/held the change of the location “Frankfurt” for 2\d s/)])
  })
})

test('a quota that an earlier process has used up is waited for, and said to be', async () => {
  await using direct = await openDirect()
  const { tenant, clock } = direct
  const first = await openViews(direct)
  for (let asked = 0; asked < 40; asked += 1) await first.writer.activate()
  const second = await openViews(direct)
  const began = clock.now()
  expect(await second.writer.activate()).toBe('ACTIVE')
  expect(tenant.counts.activations).toBeGreaterThan(40)
  expect(clock.now() - began).toBeGreaterThan(1_800_000)
  expect(second.waits).toContainEqual(
    expect.stringMatching(/quota of POST \/status\/activate: .* used up, by an earlier run .* in \d+ min$/),
  )
})

describe('changes that were pending before the first edit', () => {
  test('of somebody else are told at the first edit where they may be added to, and stay among ours in the next run', async () => {
    await using direct = await openDirect()
    const mark = createMark()
    const { reader, writer, warnings, admin } = await openViews(direct, { mark, others: 'include' })
    await admin.edit('locations', 'Frankfurt', { description: 'x' })
    expect(await reader.pending()).toMatchObject({ whose: 'others', isRefused: false })
    await writer.create('ipSourceGroups', { name: 'g' })
    await writer.create('ipSourceGroups', { name: 'h' })
    expect(warnings).toEqual([expect.stringContaining('somebody else has changes pending')])
    const next = await openViews(direct, { mark })
    expect(await next.reader.pending()).toMatchObject({ whose: 'mixed', isRefused: true })
  })

  test('of an earlier run are ours, and nobody’s after the activation', async () => {
    await using direct = await openDirect()
    const mark = createMark()
    const first = await openViews(direct, { mark })
    await first.writer.create('ipSourceGroups', { name: 'g' })
    const second = await openViews(direct, { mark })
    expect(await second.reader.pending()).toMatchObject({ whose: 'ours' })
    await second.writer.create('ipSourceGroups', { name: 'h' })
    expect(second.warnings).toEqual([])
    await second.writer.activate()
    expect(await second.reader.pending()).toMatchObject({ status: 'ACTIVE', whose: 'nothing' })
    expect([await mark.read(), second.session.leftover()]).toEqual([undefined, undefined])
  })

  test('of an earlier run stay ours where the next one fails before it has edited anything', async () => {
    await using direct = await openDirect()
    const mark = createMark()
    const first = await openViews(direct, { mark })
    await first.writer.create('ipSourceGroups', { name: 'g' })
    const second = await openViews(direct, { mark })
    const { id } = (await second.reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    const edit = second.writer.update('locations', id, () => {
      throw new RangeError('cannot be laid over it')
    })
    await expect(edit).rejects.toThrow('cannot be laid over it')
    expect(await (await openViews(direct, { mark })).reader.pending()).toMatchObject({ whose: 'ours' })
  })

  test('that ZIA has activated by ending the session are nobody’s, also when somebody edits at once', async () => {
    await using direct = await openDirect()
    const { reader, writer, warnings, admin } = await openViews(direct)
    await writer.create('ipSourceGroups', { name: 'g' })
    direct.tenant.faults.inject('session-expiry', { times: 1, only: 'GET /ipSourceGroups' })
    await direct.clock.sleep(61_000)
    await reader.list('ipSourceGroups')
    await admin.edit('locations', 'Frankfurt', { description: 'x' })
    await expect(writer.create('ipSourceGroups', { name: 'h' })).rejects.toThrow('somebody else has changes')
    expect(warnings).toEqual([expect.stringContaining('has activated what was only half written')])
  })

  test('that ZIA activates by ending the session are told', async () => {
    await using direct = await openDirect()
    const { writer, warnings } = await openViews(direct)
    await writer.create('ipSourceGroups', { name: 'g' })
    direct.tenant.faults.inject('session-expiry')
    await writer.create('ipSourceGroups', { name: 'h' })
    expect(warnings).toEqual([expect.stringContaining('has activated what was only half written')])
  })
})
