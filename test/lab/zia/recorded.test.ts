import { describe, expect, test } from 'vitest'

import { CLIENT_SECRET, createRig, ONEAPI } from './rig.ts'
import { CLUSTER, open, PLACE } from './visit.ts'

const RULE = { name: 'r', order: 1, rank: 7, action: 'ALLOW', state: 'ENABLED' }

describe('what was recorded of ZIA, and the lab does', () => {
  test.each([
    ['virtualZenClusters', CLUSTER, { POST: 1586, PUT: 1917, GET: 460, DELETE: 1686 }],
    ['locations', { name: 'l' }, { POST: 4580, PUT: 5209, GET: 550, DELETE: 5379 }],
    ['firewallFilteringRules', RULE, { POST: 4660, PUT: 4020, GET: 1550, DELETE: 1860 }],
    ['ipSourceGroups', { name: 'g' }, { POST: 1906, PUT: 2486, GET: 340, DELETE: 1760 }],
  ])('[rec] takes its time for %s, answers 200 to writes, and 204 to DELETE', async (kind, body, latency) => {
    const rig = await createRig()
    const send = await open(rig)
    const took = async (method: 'POST' | 'PUT' | 'GET' | 'DELETE', path: string, wanted?: object) => {
      // The pace of `send` itself is no part of it.
      const before = rig.clock.now() + 1500
      const answer = await send({ method, path, ...(wanted === undefined ? {} : { body: wanted }) })
      expect(rig.clock.now() - before).toBeGreaterThanOrEqual(latency[method] - 5)
      return answer
    }
    const made = await took('POST', `/${kind}`, body)
    expect(made.status).toBe(200)
    const { id } = made.json as { readonly id: number }
    expect(await took('PUT', `/${kind}/${id}`, body)).toMatchObject({ status: 200, json: { id } })
    expect(await took('GET', `/${kind}/${id}`)).toMatchObject({ status: 200, json: { id } })
    expect(await took('DELETE', `/${kind}/${id}`)).toMatchObject({ status: 204, text: '' })
  })

  test('[rec] answers an activation with its status, and takes an empty body or {}', async () => {
    const send = await open(await createRig())
    expect(await send({ path: '/status' })).toMatchObject({ status: 200, text: '{"status":"ACTIVE"}' })
    for (const body of [{}, undefined]) {
      const answer = await send({ method: 'POST', path: '/status/activate', body })
      expect(answer).toMatchObject({ status: 200, text: '{"status":"ACTIVE"}' })
    }
  })

  test('[rec] defaults what a cluster leaves out to false, and echoes a PUT without its gateway', async () => {
    const send = await open(await createRig())
    await send({ method: 'POST', path: '/virtualZenClusters', body: { name: 'c', ...PLACE } })
    const flags = {
      inProduction: false,
      ipSecEnabled: false,
      onDemandSupportTunnelEnabled: false,
      establishSupportTunnelEnabled: false,
    }
    const path = '/virtualZenClusters/25236'
    expect((await send({ path })).json).toMatchObject({ ...flags, type: 'VIP', status: 'ENABLED' })
    const put = await send({ method: 'PUT', path, body: CLUSTER })
    expect(put.json).toMatchObject(flags)
    expect(put.json).not.toHaveProperty('zgatewayId')
    expect(put.json).not.toHaveProperty('virtualZenNodes')
    const emptied = await send({ method: 'PUT', path, body: { ...CLUSTER, virtualZenNodes: [] } })
    expect(emptied.json).toMatchObject({ virtualZenNodes: [] })
  })

  test('[rec] shows of a location what its echo leaves out, and minutes sent as text as a number', async () => {
    const send = await open(await createRig())
    const path = '/locations/158900001'
    const body = { name: 'Frankfurt', idleTimeInMinutes: '720' }
    const { json: echo } = await send({ method: 'PUT', path, body })
    expect(echo).toMatchObject({ idleTimeInMinutes: 720, zappSslScanEnabled: false, language: 'NONE' })
    const { json } = await send({ path })
    const shown = { extranet: { id: 0 }, extranetIpPool: { id: 0 }, extranetDns: { id: 0 }, latitude: 0 }
    expect(json).toMatchObject(shown)
    for (const key of Object.keys(shown)) expect(echo).not.toHaveProperty(key)
    expect(json).not.toHaveProperty('ipAddresses')
  })

  test('[rec] knows no list of countries, whatever the reference says', async () => {
    const send = await open(await createRig())
    expect((await send({ path: '/locations/supportedCountries' })).status).toBe(404)
  })

  test('[rec] echoes a new rule without access control and dates, and a changed one with its dates', async () => {
    const send = await open(await createRig())
    const made = await send({ method: 'POST', path: '/firewallFilteringRules', body: RULE })
    expect(made.json).toMatchObject({ ...RULE, defaultRule: false, eunTemplateId: 14 })
    for (const key of ['accessControl', 'lastModifiedTime']) expect(made.json).not.toHaveProperty(key)
    const path = '/firewallFilteringRules/1690007'
    const put = await send({ method: 'PUT', path, body: RULE })
    expect(put.json).toHaveProperty('lastModifiedTime')
    expect((await send({ path })).json).toMatchObject({ accessControl: 'READ_WRITE' })
  })

  test('[rec] filters rules by action, and gives a page of them', async () => {
    const send = await open(await createRig())
    const names = async (query: string) =>
      ((await send({ path: `/firewallFilteringRules?${query}` })).json as { name: string }[]).map(
        ({ name }) => name,
      )
    expect(await names('ruleAction=ALLOW')).toEqual([
      'Office 365 One Click Rule',
      'Recommended Firewall Rule',
      'UCaaS One Click Rule',
    ])
    expect(await names('page=2&pageSize=2')).toEqual(['Recommended Firewall Rule', 'Block QUIC'])
    expect(await names('ruleOrder=3')).toHaveLength(2)
    expect((await send({ path: '/firewallFilteringRules/count' })).json).toBe(6)
  })

  test('[rec] echoes a new source group without its context, and shows it afterwards', async () => {
    const send = await open(await createRig())
    const body = { name: 'g', ipAddresses: ['192.168.1.1'] }
    const made = await send({ method: 'POST', path: '/ipSourceGroups', body })
    expect(made.json).toMatchObject(body)
    expect(made.json).not.toHaveProperty('creatorContext')
    const context = { creatorContext: 'ZIA', isNonEditable: false, extranetIpPool: false }
    expect((await send({ path: '/ipSourceGroups/10500001' })).json).toMatchObject(context)
  })

  test('[rec] can hold even a GET half a minute for the edit lock, and lets the next one through', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('edit-lock', { only: 'GET /locations' })
    const held = await send({ path: '/locations' })
    expect(held).toMatchObject({ status: 409, text: '{"code":"EDIT_LOCK_NOT_AVAILABLE"}' })
    expect((await send({ path: '/locations' })).status).toBe(200)
  })

  test('[rec] tells a duplicate with a 409 that has a message, unlike the edit lock', async () => {
    const rig = await createRig()
    const send = await open(rig)
    rig.tenant.faults.inject('duplicate')
    const answer = await send({ method: 'POST', path: '/virtualZenClusters', body: CLUSTER })
    expect(answer).toMatchObject({
      status: 409,
      json: { code: 'DUPLICATE_ITEM', message: expect.any(String) },
    })
    expect((await send({ path: '/virtualZenClusters' })).json).toMatchObject([{ name: 'c' }])
  })

  test('[rec] counts tokens at the token endpoint’s own gateway', async () => {
    const rig = await createRig({ login: ONEAPI })
    const answer = await rig.raw({
      method: 'POST',
      path: '/oauth2/v1/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'client-1',
        client_secret: CLIENT_SECRET,
        audience: 'https://api.zscaler.com',
      }).toString(),
    })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json;charset=UTF-8',
      'x-ratelimit-limit': '500, 500;w=1, 100000;w=60',
    })
    expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) })
  })

  test('[rec] says whose tenant it is, in which cloud, and what was agreed to', async () => {
    const organisation = { id: 24_326_813, name: 'Acme', domain: 'acme.example' }
    const send = await open(await createRig({ seed: { organisation } }))
    expect((await send({ path: '/orgInformation/lite' })).json).toEqual({
      orgId: 24_326_813,
      name: 'Acme',
      cloudName: 'zscalertwo.net',
      domains: ['acme.example'],
      language: 'EN',
      timezone: 'GERMANY_EUROPE_BERLIN',
      orgDisabled: false,
    })
    expect((await send({ path: '/eusaStatus/latest' })).json).toMatchObject({ acceptedStatus: true })
    await send({ method: 'PUT', path: '/eusaStatus/3183', body: { acceptedStatus: false } })
    expect((await send({ path: '/eusaStatus/latest' })).json).toMatchObject({ acceptedStatus: false })
  })
})
