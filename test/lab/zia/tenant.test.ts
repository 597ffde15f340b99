import { generateKeyPairSync } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { signAssertion } from '../../../src/connect/zia/assertion.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { API_KEY, createRig, LEGACY, ONEAPI, viewsOf, type RawAnswer } from './rig.ts'
import { CLUSTER, INVALID, open, PLACE, signIn } from './visit.ts'

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

describe('the lab’s ZIA: sign-in', () => {
  test('gives a secure cookie and says what kind of login it was', async () => {
    const { answer } = await signIn(await createRig())
    expect(answer.status).toBe(200)
    expect(answer.headers['set-cookie']).toMatch(/^JSESSIONID=[0-9A-F]{32}; Path=\/; Secure; HttpOnly$/)
    expect(answer.json).toMatchObject({ authType: 'ADMIN_LOGIN', obfuscateApiKey: true })
  })

  test.each([
    ['a wrong password', { password: 'wrong' }, 'INVALID_USERNAME_OR_PASSWORD'],
    ['a key that is not mixed', { apiKey: API_KEY }, 'INVALID_USERNAME_OR_PASSWORD'],
    ['a clock three hours off', { timestamp: String(Date.now() - 10_800_000) }, 'INVALID_INPUT_ARGUMENT'],
    ['no timestamp', { timestamp: undefined }, 'INVALID_INPUT_ARGUMENT'],
  ])('refuses %s', async (_, wrong, code) => {
    const { answer } = await signIn(await createRig({ scale: 1 }), wrong)
    expect(answer).toMatchObject({ status: 400, json: { code } })
  })

  test('[rec] answers a bad token as the gateway does, and an unknown session with SESSION_NOT_VALID', async () => {
    const rig = await createRig({ login: ONEAPI })
    const bad = await rig.raw({ path: '/zia/api/v1/status', headers: { authorization: 'Bearer nobody' } })
    expect(bad).toMatchObject({ status: 401, json: { detail: 'unauthorized', status: 401 } })
    const none = await rig.raw({ path: '/zia/api/v1/status' })
    expect(none).toMatchObject({ status: 401, json: { code: 'SESSION_NOT_VALID' } })
  })

  test('wants the right audience for a token', async () => {
    const rig = await createRig({ login: ONEAPI })
    const body = 'grant_type=client_credentials&client_id=client-1&client_secret=canary-client-secret-93ab'
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const path = '/oauth2/v1/token'
    expect((await rig.raw({ method: 'POST', path, headers, body })).status).toBe(400)
    const audience = encodeURIComponent('https://api.zscaler.com')
    const right = await rig.raw({ method: 'POST', path, headers, body: `${body}&audience=${audience}` })
    expect(right.json).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
  })

  test.each([
    ['believes an assertion by the client’s own key', documentedSecret(KEY), 200],
    ['believes no assertion of a client that has a secret', undefined, 400],
  ])('%s', async (_, privateKey, status) => {
    const login = { ...ONEAPI, ...(privateKey && { clientSecret: undefined, privateKey }) }
    const rig = await createRig({ login, scale: 1 })
    const assertion = signAssertion(documentedSecret(KEY), {
      clientId: 'client-1',
      audience: 'https://api.zscaler.com',
      now: rig.clock.now(),
    })
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      audience: 'https://api.zscaler.com',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const path = '/oauth2/v1/token'
    const answer = await rig.raw({ method: 'POST', path, headers, body: body.toString() })
    expect(answer.status).toBe(status)
  })

  test('ends a session after five idle minutes, and its end activates what it had staged', async () => {
    const rig = await createRig()
    const send = await open(rig)
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g', ipAddresses: [] } })
    expect(rig.tenant.status()['activation']).toBe('PENDING')
    await rig.clock.sleep(301_000)
    expect((await send({ path: '/status' })).json).toMatchObject({ code: 'SESSION_NOT_VALID' })
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
  })

  test('a log-out activates, too', async () => {
    const rig = await createRig()
    const send = await open(rig)
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    await send({ method: 'DELETE', path: '/authenticatedSession' })
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
    expect((await send({ path: '/status' })).status).toBe(401)
  })

  test('a log-out activates whatever is pending, also what it has not staged itself', async () => {
    const rig = await createRig()
    const send = await open(rig)
    const admin = rig.tenant.administrator({ name: 'admin@acme.example' })
    await admin.edit('locations', 'Frankfurt', { description: 'half done' })
    expect((await send({ path: '/status' })).json).toEqual({ status: 'PENDING' })
    await send({ method: 'DELETE', path: '/authenticatedSession' })
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
  })
})

describe('the lab’s ZIA: limits and headers', () => {
  test('[rec] answers the second request of a second with 429, its body and its header', async () => {
    const rig = await createRig({ scale: 1 })
    const { cookie } = await signIn(rig)
    const ask = () => rig.raw({ path: '/api/v1/virtualZenNodes', headers: { cookie } })
    const answers = await Promise.all([ask(), ask()])
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.json).toEqual({ message: 'Rate Limit (1/SECOND) exceeded', 'Retry-After': '1 seconds' })
    expect(refused?.headers['retry-after']).toBe('1')
    // The gateway's counters stay high all the same.
    expect(refused?.headers['x-ratelimit-remaining']).toBe('4999')
  })

  test('takes 40 activations an hour and no more', async () => {
    const rig = await createRig({ scale: 1000 })
    const send = await open(rig)
    const statuses: number[] = []
    for (let index = 0; index < 41; index += 1) {
      // Ten a minute, and a little slower, so that no minute ever sees an eleventh.
      await rig.clock.sleep(7000)
      statuses.push((await send({ method: 'POST', path: '/status/activate', body: {} })).status)
    }
    expect(statuses.slice(0, 40).filter((status) => status !== 200)).toEqual([])
    expect(statuses[40]).toBe(429)
  })

  test('says in every answer who it is, under which request id, and whether it is read-only', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('maintenance')
    const { headers, status, json } = await send({
      method: 'POST',
      path: '/ipSourceGroups',
      body: { name: 'g' },
    })
    expect({ status, json }).toMatchObject({ status: 403, json: { code: 'STATE_READONLY' } })
    expect(headers).toMatchObject({
      server: 'Zscaler',
      'cache-control': 'no-store',
      'x-zscaler-mode': 'read-only',
    })
    expect(headers['x-oneapi-request-id']).toMatch(/^[\da-f-]{36}$/)
  })

  test('wants a content type', async () => {
    const rig = await createRig()
    const { cookie } = await signIn(rig)
    const answer = await rig.raw({
      method: 'POST',
      path: '/api/v1/ipSourceGroups',
      headers: { cookie },
      body: '{"name":"g"}',
    })
    expect(answer.status).toBe(415)
  })

  test('[rec] holds an edit without a lock for half a minute and answers with the code alone', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('edit-lock')
    const before = rig.clock.now()
    const answer = await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    expect(answer).toMatchObject({ status: 409, text: '{"code":"EDIT_LOCK_NOT_AVAILABLE"}' })
    expect(rig.clock.now() - before).toBeGreaterThanOrEqual(29_700)
  })
})

describe('the lab’s ZIA: Service Edges', () => {
  test('[rec] creates a cluster without nodes', async () => {
    const send = await open(await createRig())
    const made = await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    expect(made).toMatchObject({ status: 200, json: { id: 25236, ...CLUSTER } })
    // [rec] the echo has neither a gateway id nor nodes that were not sent; GET has both.
    expect(made.json).not.toHaveProperty('zgatewayId')
    expect(made.json).not.toHaveProperty('virtualZenNodes')
    const read = await send({ path: '/virtualZenClusters/25236' })
    expect(read.json).toMatchObject({ zgatewayId: 52262, virtualZenNodes: [], inProduction: false })
  })

  test('[rec] lists clusters by search, and answers an empty list with []', async () => {
    const send = await open(await createRig())
    expect((await send({ path: '/virtualZenClusters?search=c' })).json).toEqual([])
    await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    expect((await send({ path: '/virtualZenClusters?search=C' })).json).toHaveLength(1)
    expect((await send({ path: '/virtualZenClusters?search=other' })).json).toEqual([])
  })

  test('[rec] deletes with 204 and no body', async () => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    expect(await send({ method: 'DELETE', path: '/virtualZenClusters/25236' })).toMatchObject({
      status: 204,
      text: '',
    })
    const gone = await send({ path: '/virtualZenClusters/25236' })
    expect(gone).toMatchObject({ status: 404, json: { code: 'RESOURCE_NOT_FOUND' } })
  })

  test.each([
    ['[rec] a node with a name and a field that nodes do not have', { name: 'a', description: 'x' }],
    ['no addresses', { name: 'a' }],
    ['an address of the wrong type', { name: 'a', ...PLACE, ipAddress: 7 }],
    ['a mode that does not exist', { name: 'a', ...PLACE, deploymentMode: 'HYBRID' }],
    ['a list', []],
    ['text', 'nonsense'],
  ])('[rec] answers %s with the same message and no code', async (_, body) => {
    const rig = await createRig()
    const send = await open(rig)
    const answer = await send({ method: 'POST', path: '/virtualZenNodes', body })
    expect(answer).toMatchObject({ status: 400, json: INVALID })
    expect(answer.json).not.toHaveProperty('code')
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
  })

  test('[rec] leaves a production flag false that was not sent, and shows the cluster of a node', async () => {
    const send = await open(await createRig())
    const node = await send({ method: 'POST', path: '/virtualZenNodes', body: { name: 'a', ...PLACE } })
    expect(node.json).toMatchObject({ id: 6001, inProduction: false, status: 'ENABLED' })
    await send({
      method: 'POST',
      path: '/virtualZenClusters',
      body: { ...CLUSTER, virtualZenNodes: [{ id: 6001 }] },
    })
    expect((await send({ path: '/virtualZenNodes/6001' })).json).toMatchObject({ clusterName: 'c' })
  })

  test('replaces the whole on PUT: nodes that are not sent are no longer members', async () => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/virtualZenNodes', body: { name: 'a', ...PLACE } })
    const body = { ...CLUSTER, virtualZenNodes: [{ id: 6001 }] }
    const made = await send({ method: 'POST', path: '/virtualZenClusters', body })
    expect(made.json).toMatchObject({ virtualZenNodes: [{ id: 6001 }] })
    await send({ method: 'PUT', path: '/virtualZenClusters/25236', body: CLUSTER })
    expect((await send({ path: '/virtualZenClusters/25236' })).json).toMatchObject({ virtualZenNodes: [] })
  })

  test('refuses a name that is taken', async () => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    const twin = await send({ method: 'POST', path: '/virtualZenClusters', body: { ...CLUSTER, name: 'C' } })
    expect(twin).toMatchObject({ status: 409, json: { code: 'DUPLICATE_ITEM' } })
  })

  test('ignores an id in a body', async () => {
    const send = await open(await createRig())
    const made = await send({
      method: 'POST',
      path: '/virtualZenNodes',
      body: { id: 1, name: 'a', ...PLACE },
    })
    expect(made.json).toMatchObject({ id: 6001 })
  })
})

describe('the lab’s ZIA: locations', () => {
  const path = '/locations/158900001'

  test('[rec] a PUT that leaves the country out sets it to NONE', async () => {
    const send = await open(await createRig())
    expect((await send({ path })).json).toMatchObject({ country: 'GERMANY' })
    const put = await send({ method: 'PUT', path, body: { name: 'Frankfurt' } })
    expect(put.json).toMatchObject({ country: 'NONE', ofwEnabled: false })
  })

  test('[rec] echoes less than GET shows', async () => {
    const send = await open(await createRig())
    const put = await send({ method: 'PUT', path, body: { name: 'Frankfurt' } })
    for (const key of ['latitude', 'longitude', 'staticLocationGroups']) {
      expect(put.json).not.toHaveProperty(key)
      expect((await send({ path })).json).toHaveProperty(key)
    }
  })

  test('[rec] adds a location to the predefined group of its profile', async () => {
    const send = await open(await createRig())
    const made = await send({ method: 'POST', path: '/locations', body: { name: 'Lab', profile: 'SERVER' } })
    expect(made.json).toMatchObject({
      dynamiclocationGroups: [{ id: 24326829, name: 'Server Traffic Group' }],
    })
  })

  test.each([
    ['one with authentication', { name: 'x', authRequired: true }, 'CORPORATE'],
    ['one that is called guest', { name: 'Guest 1' }, 'GUESTWIFI'],
    ['any other', { name: 'x' }, 'SERVER'],
  ])('chooses the profile of %s by itself', async (_, body, profile) => {
    const send = await open(await createRig())
    expect((await send({ method: 'POST', path: '/locations', body })).json).toMatchObject({ profile })
  })

  test('[rec] takes a number of minutes as text', async () => {
    const send = await open(await createRig())
    const body = { name: 'x', idleTimeInMinutes: '720' }
    expect((await send({ method: 'POST', path: '/locations', body })).status).toBe(200)
  })

  test('[rec] shows a binding only where there is one', async () => {
    const send = await open(await createRig())
    expect((await send({ path })).json).not.toHaveProperty('virtualZenClusters')
    await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    const body = { name: 'Frankfurt', virtualZenClusters: [{ id: 25236 }] }
    await send({ method: 'PUT', path, body })
    expect((await send({ path })).json).toMatchObject({ virtualZenClusters: [{ id: 25236, name: 'c' }] })
  })

  test('leaves sublocations out of the list', async () => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/locations', body: { name: 'sub', parentId: 158900001 } })
    expect((await send({ path: '/locations' })).json).toMatchObject([{ name: 'Frankfurt' }])
  })
})

describe('the lab’s ZIA: firewall rules', () => {
  const RULE = { name: 'r', order: 1, rank: 7, action: 'ALLOW', state: 'ENABLED' }
  const orders = ({ json }: RawAnswer) =>
    (json as { name: string; order: number }[]).map(({ name, order }) => `${order} ${name}`)

  test('[rec] has a default rule at −1, a rule at 0, and two that share order 3', async () => {
    const send = await open(await createRig())
    const listed = orders(await send({ path: '/firewallFilteringRules' }))
    expect(listed.map((line) => Number.parseInt(line, 10)).toSorted((a, b) => a - b)).toEqual([
      -1, 0, 1, 2, 3, 3,
    ])
  })

  test('[rec] a rule at order 1 pushes the others down and stamps them', async () => {
    const send = await open(await createRig())
    const before = await send({ path: '/firewallFilteringRules?ruleName=Block QUIC' })
    const made = await send({ method: 'POST', path: '/firewallFilteringRules', body: RULE })
    expect(made.json).toMatchObject({ ...RULE, defaultRule: false })
    expect(made.json).not.toHaveProperty('accessControl')
    expect(orders(await send({ path: '/firewallFilteringRules' }))).toEqual([
      '-1 Default Firewall Filtering Rule',
      '0 Office 365 One Click Rule',
      '1 r',
      '2 Recommended Firewall Rule',
      '3 Block QUIC',
      '4 UCaaS One Click Rule',
      '4 Block malicious IPs and domains',
    ])
    const after = await send({ path: '/firewallFilteringRules?ruleName=Block QUIC' })
    expect(after.json).not.toMatchObject([
      { lastModifiedTime: (before.json as { lastModifiedTime: number }[])[0]?.lastModifiedTime },
    ])
  })

  test('moves a rule without leaving a gap', async () => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/firewallFilteringRules', body: RULE })
    await send({ method: 'PUT', path: '/firewallFilteringRules/1690007', body: { ...RULE, order: 3 } })
    expect(orders(await send({ path: '/firewallFilteringRules' })).slice(1, 5)).toEqual([
      '0 Office 365 One Click Rule',
      '1 Recommended Firewall Rule',
      '2 Block QUIC',
      '3 r',
    ])
  })

  test.each([
    ['an order beyond the last', { order: 99 }],
    ['order 0', { order: 0 }],
    ['a rank that belongs further up', { order: 3, rank: 1 }],
  ])('refuses %s', async (_, wrong) => {
    const send = await open(await createRig())
    const answer = await send({
      method: 'POST',
      path: '/firewallFilteringRules',
      body: { ...RULE, ...wrong },
    })
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT_ARGUMENT' } })
    expect(answer.text).toMatch(/is not allowed at order/)
  })

  test.each([
    ['accessControl', { accessControl: 'READ_WRITE' }, { status: 400, json: INVALID }],
    ['predefined', { predefined: false }, { status: 400, json: INVALID }],
    [
      'a time that is past',
      { lastModifiedTime: 1 },
      { status: 409, json: { code: 'STALE_CONFIGURATION_ERROR' } },
    ],
  ])('refuses a PUT with %s', async (_, extra, answer) => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/firewallFilteringRules', body: RULE })
    const body = { ...RULE, ...extra }
    expect(await send({ method: 'PUT', path: '/firewallFilteringRules/1690007', body })).toMatchObject(answer)
  })

  test('keeps its own rules', async () => {
    const send = await open(await createRig())
    const answer = await send({ method: 'DELETE', path: '/firewallFilteringRules/1690006' })
    expect(answer).toMatchObject({ status: 403, json: { code: 'INVALID_OPERATION' } })
  })
})

describe('the lab’s ZIA: activation and subscriptions', () => {
  test('stages every edit, and shows appliances only what was activated', async () => {
    const rig = await createRig()
    const send = await open(rig)
    await send({ method: 'POST', path: '/virtualZenNodes', body: { name: 'a', ...PLACE } })
    await rig.tenant.registerCertificate('abc', rig.tenant.instanceId('a') ?? 0)
    expect((await send({ path: '/status' })).json).toEqual({ status: 'PENDING' })
    expect(rig.tenant.view.nodeOf('ABC')).toBeUndefined()
    expect((await send({ method: 'POST', path: '/status/activate' })).json).toEqual({ status: 'ACTIVE' })
    expect(rig.tenant.view.nodeOf('ABC')).toMatchObject({
      name: 'a',
      cloud: 'zscalertwo',
      enabled: true,
      id: 6001,
    })
    expect(rig.tenant.view.nodeOf('ABD')).toBeUndefined()
  })

  test('stays pending while another administrator has edits open', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('second-admin')
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    expect((await send({ method: 'POST', path: '/status/activate' })).json).toEqual({ status: 'PENDING' })
    rig.tenant.faults.clear('second-admin')
    expect((await send({ method: 'POST', path: '/status/activate' })).json).toEqual({ status: 'ACTIVE' })
  })

  test('[rec] lists the Service Edge subscription as V_SVC_EDGE', async () => {
    const send = await open(await createRig({ seed: { licences: 5 } }))
    const { json } = await send({ path: '/subscriptions' })
    expect(json).toContainEqual(
      expect.objectContaining({
        id: 'V_SVC_EDGE',
        sku: 'Virtual Service Edge',
        licenses: 5,
        subscribed: true,
      }),
    )
  })

  test('tells which cloud it is', async () => {
    const send = await open(await createRig())
    expect((await send({ path: '/orgInformation/lite' })).json).toMatchObject({ cloudName: 'zscalertwo.net' })
    expect((await send({ path: '/eusaStatus/latest' })).json).toMatchObject({ acceptedStatus: true })
    expect((await send({ path: '/vzenNodes' })).status).toBe(404)
  })

  test('shows a cluster with its active nodes, and what the firewall lets through', async () => {
    const rig = await createRig()
    const { writer } = viewsOf(await rig.open())
    const ids: number[] = []
    for (const name of ['a', 'b']) ids.push((await writer.create('virtualZenNodes', { name, ...PLACE })).id)
    await writer.create('virtualZenClusters', { ...CLUSTER, virtualZenNodes: ids.map((id) => ({ id })) })
    const group = await writer.create('ipSourceGroups', {
      name: 'g',
      ipAddresses: ['10.0.0.1', '10.0.0.8/30', '10.0.1.1-10.0.1.9'],
    })
    const rule = await writer.create('firewallFilteringRules', {
      name: 'r',
      order: 1,
      rank: 7,
      action: 'ALLOW',
      state: 'ENABLED',
      srcIpGroups: [{ id: group.id }],
    })
    expect(rig.tenant.view.allows(['10.0.0.1'])).toBe(false)
    await writer.activate()
    const { view } = rig.tenant
    expect(view.allows(['10.0.0.1', '10.0.0.9', '10.0.0.11', '10.0.1.5'])).toBe(true)
    expect(view.allows(['10.0.0.1', '10.0.0.12'])).toBe(false)
    expect(view.allows(['10.0.1.10'])).toBe(false)
    await rig.tenant.registerCertificate('AA', ids[0] ?? 0)
    const node = view.nodeOf('aa')
    expect(node && view.clusterOf(node)).toMatchObject({ name: 'c', nodes: [{ name: 'a' }, { name: 'b' }] })

    await writer.update('firewallFilteringRules', rule.id, () => ({ nwServices: [{ id: 7001 }] }))
    await writer.activate()
    expect(view.allows(['10.0.0.1'])).toBe(false)
  })
})

describe('the lab’s ZIA: what outlives a process', () => {
  test('forgets nothing that it has admitted', async () => {
    const rig = await createRig()
    const first = await rig.open()
    const made = await viewsOf(first).writer.create('virtualZenNodes', { name: 'a', ...PLACE })
    await rig.tenant.registerCertificate('AA', made.id)
    const reopened = await rig.reopen()
    const { reader, writer } = viewsOf(await rig.open())
    expect(await reader.find('virtualZenNodes', 'a')).toEqual(made)
    expect(await reader.status()).toBe('PENDING')
    await writer.activate()
    expect(reopened.view.nodeOf('AA')?.name).toBe('a')
    expect((await writer.create('virtualZenNodes', { name: 'b', ...PLACE })).id).toBe(made.id + 1)
  })

  test('adds locations that an inventory has come to expect, and brings none back that was deleted', async () => {
    const rig = await createRig()
    const { reader, writer } = viewsOf(await rig.open())
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    await writer.remove('locations', id)
    await rig.reopen()
    expect(await viewsOf(await rig.open()).reader.list('locations')).toEqual([])
  })

  test('counts what could have changed something, and nothing else', async () => {
    const rig = await createRig({ login: LEGACY })
    const { reader, writer } = viewsOf(await rig.open())
    await reader.list('locations')
    expect(rig.tenant.mutations).toBe(0)
    await writer.create('ipSourceGroups', { name: 'g' })
    await writer.activate()
    expect(rig.tenant.mutations).toBe(2)
  })
})
