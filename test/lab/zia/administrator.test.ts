import { describe, expect, test } from 'vitest'

import { createRig } from './rig.ts'
import { CLUSTER, open, PLACE } from './visit.ts'

const RULE = { name: 'r', order: 1, rank: 7, action: 'ALLOW', state: 'ENABLED' }
const FRANKFURT = '/locations/158900001'

describe('a second administrator', () => {
  test('changes a location, a cluster and a rule, and leaves that pending until it is activated', async () => {
    const rig = await createRig()
    const send = await open(rig)
    await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    await send({ method: 'POST', path: '/firewallFilteringRules', body: RULE })
    await send({ method: 'POST', path: '/status/activate' })
    const ada = rig.tenant.administrator({ name: 'ada@acme.example' })
    await ada.edit('locations', 'Frankfurt', { country: 'FRANCE' })
    await ada.edit('virtualZenClusters', 'c', { ipAddress: '10.0.0.99' })
    await ada.edit('firewallFilteringRules', 'r', { state: 'DISABLED' })
    await ada.create('ipSourceGroups', { name: 'hers' })
    expect((await send({ path: '/status' })).json).toEqual({ status: 'PENDING' })
    expect((await send({ path: FRANKFURT })).json).toMatchObject({ country: 'FRANCE', ofwEnabled: true })
    expect((await send({ path: '/virtualZenClusters' })).json).toMatchObject([{ ipAddress: '10.0.0.99' }])
    expect((await send({ path: '/firewallFilteringRules/1690007' })).json).toMatchObject({
      state: 'DISABLED',
      lastModifiedBy: { name: 'ada@acme.example' },
    })
    await ada.remove('ipSourceGroups', 'hers')
    await ada.activate()
    expect((await send({ path: '/status' })).json).toEqual({ status: 'ACTIVE' })
  })

  test('holds the edit lock: an edit waits for it, for half a minute', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const ada = rig.tenant.administrator({ name: 'ada' })
    const body = { name: 'g' }
    const release = await ada.holdLock()
    const refused = await send({ method: 'POST', path: '/ipSourceGroups', body })
    expect(refused).toMatchObject({ status: 409, json: { code: 'EDIT_LOCK_NOT_AVAILABLE' } })
    const waiting = send({ method: 'POST', path: '/ipSourceGroups', body })
    release()
    expect((await waiting).status).toBe(200)
  })

  test('who holds edits open lets the activations of others wait for hers', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const ada = rig.tenant.administrator({ name: 'ada', holdsEditsOpen: true })
    await ada.edit('locations', 'Frankfurt', { description: 'hers' })
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'ours' } })
    const activate = { method: 'POST', path: '/status/activate' } as const
    expect((await send(activate)).json).toEqual({ status: 'PENDING' })
    expect(rig.tenant.counts.commits).toBe(0)
    await ada.activate()
    expect((await send({ path: '/status' })).json).toEqual({ status: 'ACTIVE' })
    expect(rig.tenant.counts).toMatchObject({ commits: 1, activations: 1 })
  })

  test('an activation that waited for a held-open edit happens when nobody holds one any more', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('second-admin')
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    await send({ method: 'POST', path: '/status/activate' })
    expect((await send({ path: '/status' })).json).toEqual({ status: 'PENDING' })
    rig.tenant.faults.clear('second-admin')
    expect((await send({ path: '/status' })).json).toEqual({ status: 'ACTIVE' })
  })

  test('acts at the very request that a watcher waits for', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const ada = rig.tenant.administrator({ name: 'ada' })
    rig.tenant.watch(async ({ method, moment }) => {
      if (method === 'POST' && moment === 'arrived') await ada.create('ipSourceGroups', { name: 'g' })
    })
    const answer = await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    expect(answer).toMatchObject({ status: 409, json: { code: 'DUPLICATE_ITEM' } })
  })

  test.each([
    ['admin-race', undefined],
    ['admin-edit', 'changed by admin@acme.example'],
  ] as const)('by the fault %s changes a location that is being updated', async (fault, description) => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject(fault)
    await send({ method: 'PUT', path: FRANKFURT, body: { name: 'Frankfurt', country: 'FRANCE' } })
    const { json } = await send({ path: FRANKFURT })
    expect(json).toMatchObject({ country: 'FRANCE' })
    expect((json as { description?: string }).description).toBe(description)
  })

  test('by the fault admin-activation activates right after an edit', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('admin-activation')
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
    expect(rig.tenant.counts).toMatchObject({ activations: 0, commits: 1 })
  })

  test('by the fault admin-lock holds the edit lock until it is mended', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const post = () => send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    rig.tenant.faults.inject('admin-lock')
    expect((await post()).status).toBe(409)
    rig.tenant.faults.clear('admin-lock')
    expect((await post()).status).toBe(200)
  })

  test('is refused what the tenant refuses everybody', async () => {
    const rig = await createRig()
    const ada = rig.tenant.administrator({ name: 'ada' })
    await expect(ada.edit('locations', 'Nowhere', {})).rejects.toThrow('404')
    await expect(ada.create('virtualZenNodes', { name: 'a', description: 'x' })).rejects.toThrow(
      'Request body is invalid.',
    )
  })
})

describe('what nobody has seen ZIA do, but one would expect', () => {
  const node = (name: string, more: object = {}) =>
    ({ method: 'POST', path: '/virtualZenNodes', body: { name, ...PLACE, ...more } }) as const
  const cluster = (name: string, ids: readonly number[]) =>
    ({
      method: 'POST',
      path: '/virtualZenClusters',
      body: { ...CLUSTER, name, virtualZenNodes: ids.map((id) => ({ id })) },
    }) as const

  test('is refused by a plausible tenant', async () => {
    const rig = await createRig({ seed: { licences: 2 } })
    const send = await open(rig)
    const codes: string[] = []
    const ask = async (request: Parameters<typeof send>[0]) => {
      const { json } = await send(request)
      codes.push((json as { code?: string } | undefined)?.code ?? 'done')
    }
    await ask(node('both', { onDemandSupportTunnelEnabled: true, establishSupportTunnelEnabled: true }))
    await ask(node('nowhere', { ipAddress: '10.0.0.300' }))
    await ask(node('a'))
    await ask(node('b', { ipAddress: '10.0.0.2' }))
    await ask(node('c'))
    await ask(cluster('one', [6001, 6999]))
    await ask(cluster('one', [6001, 6002]))
    await ask(cluster('two', [6002]))
    await ask(
      cluster(
        'many',
        Array.from({ length: 17 }, () => 6001),
      ),
    )
    await ask({ method: 'DELETE', path: '/virtualZenNodes/6001' })
    await ask({ method: 'DELETE', path: '/virtualZenClusters/25236' })
    const body = { name: 'Frankfurt', virtualZenClusters: [{ id: 25236 }] }
    await ask({ method: 'PUT', path: FRANKFURT, body })
    await ask({
      method: 'PUT',
      path: '/virtualZenClusters/25236',
      body: { ...CLUSTER, name: 'one', virtualZenNodes: [] },
    })
    await ask({ method: 'DELETE', path: '/virtualZenClusters/25236' })
    await ask({ method: 'PUT', path: FRANKFURT, body: { name: 'Frankfurt' } })
    await ask({ method: 'DELETE', path: '/virtualZenClusters/25236' })
    await ask({ method: 'DELETE', path: '/virtualZenNodes/6001' })
    expect(codes).toEqual([
      'INVALID_INPUT_ARGUMENT',
      'INVALID_INPUT_ARGUMENT',
      'done',
      'done',
      'LIMIT_EXCEEDED',
      'INVALID_INPUT_ARGUMENT',
      'done',
      'INVALID_INPUT_ARGUMENT',
      'INVALID_INPUT_ARGUMENT',
      'RESOURCE_IN_USE',
      'RESOURCE_IN_USE',
      'done',
      'done',
      'RESOURCE_IN_USE',
      'done',
      'done',
      'done',
    ])
  })

  test('is taken by a strict one', async () => {
    const rig = await createRig({ seed: { mode: 'strict', licences: 1 } })
    const send = await open(rig)
    const answers = [
      await send(node('a')),
      await send(node('a', { ipAddress: 'nowhere' })),
      await send(cluster('one', [6001, 6999])),
      await send(cluster('two', [6001])),
      await send({ method: 'DELETE', path: '/virtualZenClusters/25236' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 204])
  })

  test('a firewall of the standard tier has room for ten rules, and its subscription says so', async () => {
    const rig = await createRig({ seed: { firewall: 'standard' } })
    const send = await open(rig)
    const { json } = await send({ path: '/subscriptions' })
    const ids = (json as { id: string }[]).map(({ id }) => id)
    expect(ids).toContain('Z_FIREWALL_BASIC')
    expect(ids).not.toContain('ZFW_NG_WITH_LOG')
    // Two of them were there before.
    for (let index = 0; index < 8; index += 1) {
      const body = { ...RULE, name: `r${index}` }
      expect((await send({ method: 'POST', path: '/firewallFilteringRules', body })).status).toBe(200)
    }
    const last = await send({ method: 'POST', path: '/firewallFilteringRules', body: RULE })
    expect(last).toMatchObject({ status: 403, json: { code: 'LIMIT_EXCEEDED' } })
  })
})

describe('locations below locations', () => {
  test('are listed below their parent, counted there, and deleted with it', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const body = { name: 'guests', parentId: 158_900_001, ipAddresses: ['192.0.2.0-192.0.2.9'] }
    await send({ method: 'POST', path: '/locations', body })
    expect((await send({ path: `${FRANKFURT}/sublocations` })).json).toMatchObject([{ name: 'guests' }])
    expect((await send({ path: FRANKFURT })).json).toMatchObject({ childCount: 1 })
    expect((await send({ path: '/locations/lite' })).json).toEqual([{ id: 158_900_001, name: 'Frankfurt' }])
    const ids = [158_900_001]
    expect((await send({ method: 'POST', path: '/locations/bulkDelete', body: { ids } })).status).toBe(204)
    expect((await send({ path: '/locations/158900002' })).status).toBe(404)
  })
})
