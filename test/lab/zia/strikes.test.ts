import { describe, expect, test } from 'vitest'

import { createRig, type RawAnswer } from './rig.ts'
import { CLUSTER, open, PLACE, type Send } from './visit.ts'

const group = (name: string) => ({ method: 'POST', path: '/ipSourceGroups', body: { name } }) as const
const statuses = async (send: Send, count: number): Promise<readonly number[]> => {
  const seen: number[] = []
  for (let index = 0; index < count; index += 1) seen.push((await send({ path: '/locations' })).status)
  return seen
}
const names = ({ json }: RawAnswer): readonly string[] =>
  (json as { readonly name: string }[]).map(({ name }) => name)

describe('a fault of a tenant', () => {
  test('strikes the occasion that was asked for, and as often', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('server-error', { after: 2, times: 2 })
    expect(await statuses(send, 6)).toEqual([200, 200, 500, 500, 200, 200])
  })

  test('strikes only the requests that were asked for', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('server-error', { only: 'POST /ipSourceGroups' })
    expect(await statuses(send, 2)).toEqual([200, 200])
    expect((await send(group('g'))).status).toBe(500)
    expect((await send(group('g'))).status).toBe(200)
  })

  test('strikes by chance, the same way every time, until it is cleared', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const roll = async () => {
      rig.tenant.faults.inject('unavailable', { percent: 50, seed: 7 })
      const seen = await statuses(send, 10)
      rig.tenant.faults.clear('unavailable')
      return seen
    }
    const first = await roll()
    expect(new Set(first)).toEqual(new Set([200, 503]))
    expect(await roll()).toEqual(first)
    expect(await statuses(send, 3)).toEqual([200, 200, 200])
  })

  test('breaks the connection before the k-th request is carried out, or after it', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('lost-request', { after: 1 })
    await send({ path: '/locations' })
    await expect(send(group('before'))).rejects.toMatchObject({ code: 'CONNECT' })
    rig.tenant.faults.inject('lost-answer', { after: 1, only: '' })
    expect(names(await send({ path: '/ipSourceGroups' }))).toEqual([])
    await expect(send(group('after'))).rejects.toMatchObject({ code: 'CONNECT' })
    expect(names(await send({ path: '/ipSourceGroups' }))).toEqual(['after'])
  })

  test('carries an edit out at once and answers it a minute late', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('slow-answer')
    const before = rig.clock.now()
    const answer = await send(group('g'))
    expect(answer.status).toBe(200)
    expect(rig.clock.now() - before).toBeGreaterThanOrEqual(60_000)
  })

  test('shows an answer that a proxy or a hotel has made up as such', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('garbage')
    const answer = await send({ path: '/locations' })
    expect(answer).toMatchObject({ status: 200, json: undefined })
    expect(answer.headers['content-type']).toBe('text/html')
  })

  test.each([
    ['read-only-role', { method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } }, 'ACCESS_DENIED'],
    ['scope-limited', { path: '/virtualZenNodes' }, 'SCOPE_LIMITED'],
    ['maintenance', { method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } }, 'STATE_READONLY'],
    [
      'licence-expired',
      { method: 'POST', path: '/virtualZenNodes', body: { name: 'a', ...PLACE } },
      'NOT_SUBSCRIBED',
    ],
  ] as const)('%s lasts until it is mended', async (name, request, code) => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject(name)
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await send(request)).toMatchObject({ status: 403, json: { code } })
    }
    rig.tenant.faults.clear(name)
    expect((await send(request)).status).toBe(200)
  })

  test('an expired subscription shows as one', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('licence-expired')
    const { json } = await send({ path: '/subscriptions' })
    const [edge] = (json as { id: string; endDate: number }[]).filter(({ id }) => id === 'V_SVC_EDGE')
    expect(edge?.endDate).toBeLessThan(rig.clock.now() / 1000)
  })

  test('a location without a source of traffic is refused only where that is asked for', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const post = (body: object) => send({ method: 'POST', path: '/locations', body })
    expect((await post({ name: 'a' })).status).toBe(200)
    rig.tenant.faults.inject('location-source')
    expect(await post({ name: 'b' })).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT_ARGUMENT' } })
    expect((await post({ name: 'b', ipAddresses: ['192.0.2.1'] })).status).toBe(200)
  })

  test('a missing object can be a bare 404', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('bare-404')
    expect(await send({ path: '/locations/1' })).toMatchObject({ status: 404, text: '' })
  })

  test('answers are dated by the lab’s clock, unless that is set wrong', async () => {
    const rig = await createRig({ scale: 1 })
    const skew = async () =>
      Date.parse((await rig.raw({ path: '/api/v1/status' })).headers['date'] ?? '') - rig.clock.now()
    expect(Math.abs(await skew())).toBeLessThan(60_000)
    rig.tenant.faults.inject('clock-skew')
    expect(await skew()).toBeGreaterThan(500_000)
  })

  test('a session that ends in the middle of a run activates what it had staged: half of the whole', async () => {
    const rig = await createRig()
    const send = await open(rig)
    await send(group('first'))
    await rig.tenant.registerCertificate('aa', 1)
    rig.tenant.faults.inject('session-expiry')
    expect((await send(group('second'))).status).toBe(401)
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
    expect(rig.tenant.counts.commits).toBe(1)
    expect(names(await (await open(rig))({ path: '/ipSourceGroups' }))).toEqual(['first'])
  })
})

describe('who watches a tenant', () => {
  test('sees every request before and after it is carried out, sign-ins included', async () => {
    const rig = await createRig()
    const seen: string[] = []
    const leave = rig.tenant.watch(({ number, method, path, moment, status }) => {
      seen.push([number, method, path, moment, ...(status === undefined ? [] : [status])].join(' '))
    })
    const send = await open(rig)
    await send(group('g'))
    leave()
    await send({ path: '/status' })
    expect(seen).toEqual([
      '1 POST /authenticatedSession arrived',
      '1 POST /authenticatedSession answered 200',
      '2 POST /ipSourceGroups arrived',
      '2 POST /ipSourceGroups answered 200',
    ])
  })

  test('can cut a request before it is carried out, and after', async () => {
    const rig = await createRig()
    const send = await open(rig)
    for (const cutAt of ['arrived', 'answered'] as const) {
      const leave = rig.tenant.watch(({ moment, method }) =>
        method === 'POST' && moment === cutAt ? 'cut' : undefined,
      )
      await expect(send(group(cutAt))).rejects.toMatchObject({ code: 'CONNECT' })
      leave()
    }
    expect(names(await send({ path: '/ipSourceGroups' }))).toEqual(['answered'])
  })

  test('can read how often the tenant was asked for what', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const made = await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    expect(made.status).toBe(200)
    await send({ path: '/virtualZenClusters/25236' })
    await send({ path: '/virtualZenClusters/25236' })
    await send({ method: 'POST', path: '/status/activate' })
    expect(rig.tenant.counts).toEqual({
      requests: 5,
      writes: 1,
      activations: 1,
      commits: 1,
      tooFast: 0,
      calls: {
        'POST /authenticatedSession': 1,
        'POST /virtualZenClusters': 1,
        'GET /virtualZenClusters': 2,
        'POST /status/activate': 1,
      },
    })
  })
})
