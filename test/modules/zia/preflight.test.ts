import { describe, expect, test } from 'vitest'

import { preflight } from '../../../modules/zia/preflight.ts'
import type { Facts } from '../../../modules/zia/preflight/facts.ts'
import { diffTenant, noteTenant } from '../../../modules/zia/preflight/findings.ts'
import { unclaimed } from '../../../modules/zia/unclaimed.ts'
import { createServerTime } from '../../../src/connect/zia/server-time.ts'
import type { TenantFaultName } from '../../../src/lab/zia/faults.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'
import { openDirect } from './direct.ts'

const NODES = ['lab-1-a', 'lab-1-b']
const NET = { subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200' }

const HEALTHY: Facts = {
  unreadable: [],
  licences: {
    subscribed: true,
    sku: 'Virtual Service Edge',
    ends: '2027-01-01',
    daysLeft: 400,
    bought: 16,
    others: 3,
  },
  api: true,
  rules: { there: 3, room: null, missing: ['VSE lab-1'] },
  mayWrite: true,
  isReadOnly: false,
  sizes: [],
  pending: { status: 'ACTIVE', whose: 'nothing', isRefused: false, words: '' },
  aheadSeconds: 0,
}

const OTHERS: Facts['pending'] = {
  status: 'PENDING',
  whose: 'others',
  isRefused: true,
  words: 'somebody else has changes pending in ZIA',
}

describe('zia/preflight', () => {
  test('finds nothing to say against a tenant that has everything, in one round of lists', async () => {
    const rig = await createRig()
    const session = await rig.open()
    const params = { nodes: NODES, clustered: NODES, rules: ['VSE lab-1'] }
    const { changes, warnings, facts } = await converge(preflight, params, { session, clock: rig.clock })
    expect(changes).toEqual([])
    expect(warnings).toEqual([])
    expect(facts).toMatchObject({ api: true, mayWrite: true, pending: { whose: 'nothing' }, unreadable: [] })
    expect(rig.tenant.mutations).toBe(0)
  })

  test('finds what the tenant lacks, all of it at once', async () => {
    const rig = await createRig({ seed: { licences: 1, firewall: 'standard' } })
    const session = await rig.open()
    const { writer } = viewsOf(session)
    const made = { subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200', ipAddress: '10.84.0.111' }
    await writer.create('virtualZenNodes', { name: 'lab-1-a', ...made, vzenSkuType: 'SMALL' })
    const rules = Array.from({ length: 11 }, (_, index) => `VSE lab-${index + 1}`)
    const params = { nodes: NODES, clustered: NODES, rules }
    const { changes } = await converge(preflight, params, { session, clock: rig.clock })
    const paths = changes.map(({ path }) => path)
    expect(paths).toEqual(['licences', 'room for firewall filtering rules', 'size of lab-1-a'])
  })

  test.each<[TenantFaultName, readonly string[]]>([
    ['maintenance', ['mode of the tenant']],
    ['read-only-role', ['right to change firewall filtering rules']],
    ['scope-limited', ['right to read Virtual Service Edges', 'right to read Virtual Service Edge clusters']],
    ['licence-expired', ['subscription end']],
  ])('fails where a deployment would, before anything is written: %s', async (fault, paths) => {
    const rig = await createRig()
    rig.tenant.faults.inject(fault)
    const under = { session: await rig.open(), clock: rig.clock }
    const { changes } = await converge(preflight, { nodes: NODES, clustered: NODES }, under)
    expect(changes.map(({ path }) => path)).toEqual(paths)
    expect(rig.tenant.mutations).toBe(0)
  })

  test('tells a clock that is off, as a warning', async () => {
    const rig = await createRig()
    rig.tenant.faults.inject('clock-skew')
    const under = { session: await rig.open(), clock: rig.clock }
    const { changes, warnings } = await converge(preflight, { nodes: NODES }, under)
    expect(changes).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(/clock of ZIA is \d+ s ahead/)])
  })

  test.each<[string, Partial<Facts>, readonly string[]]>([
    ['no subscription', { licences: { ...need(HEALTHY.licences), subscribed: false } }, ['subscription']],
    [
      'one that is over, and too small',
      { licences: { ...need(HEALTHY.licences), daysLeft: -1, bought: 4 } },
      ['subscription end', 'licences'],
    ],
    ['no API', { api: false }, ['API subscription']],
    ['a user who may only look', { mayWrite: false }, ['right to change firewall filtering rules']],
    [
      'a user who may not even look',
      { unreadable: [{ what: 'locations', why: 'refused' }] },
      ['right to read locations'],
    ],
    [
      'no room for a rule',
      { rules: { there: 10, room: 10, missing: ['VSE lab-1'] } },
      ['room for firewall filtering rules'],
    ],
    ['room for a rule that is there', { rules: { there: 10, room: 10, missing: [] } }, []],
  ])('finds %s', (_, wrong, paths) => {
    const found = diffTenant({ ...HEALTHY, ...wrong }, { nodes: NODES })
    expect(found.map(({ path }) => path)).toEqual(paths)
  })

  test('mentions a coming end, others’ pending changes and a clock that is off, and stops nothing', () => {
    const facts: Facts = {
      ...HEALTHY,
      licences: { ...need(HEALTHY.licences), daysLeft: 9 },
      pending: OTHERS,
      aheadSeconds: -120,
    }
    expect(diffTenant(facts, { nodes: NODES })).toEqual([])
    const notes = noteTenant(facts).join('\n')
    const small = { ...need(HEALTHY.licences), sku: 'Virtual Service Edge - Small' }
    expect(noteTenant({ ...HEALTHY, licences: small })).toEqual([expect.stringContaining('the Large one')])
    expect(notes).toMatch(/in 9 days[\s\S]*somebody else has changes pending[\s\S]*120 s behind/)
    expect(
      noteTenant({ ...HEALTHY, pending: { ...OTHERS, whose: 'ours', isRefused: false }, aheadSeconds: 59 }),
    ).toEqual([])
  })
})

describe('zia/unclaimed', () => {
  const input = {
    cluster: { name: 'lab-1', address: '10.84.0.130' },
    instances: [{ name: 'lab-1-a', proxy: '10.84.0.111', loadBalancer: '10.84.0.112' }],
    location: { name: 'Frankfurt', create: false },
    rule: 'VSE lab-1',
  }

  test('tells that others’ changes are pending where something has yet to be made, and only there', async () => {
    await using direct = await openDirect()
    const { tenant, clock, open } = direct
    const { writer } = viewsOf(await open())
    await writer.create('virtualZenNodes', { name: 'lab-1-a', ipAddress: '10.84.0.111', ...NET })
    await writer.create('virtualZenClusters', { name: 'lab-1', ipAddress: '10.84.0.130', ...NET })
    await writer.activate()
    await tenant.administrator({ name: 'c' }).edit('locations', 'Frankfurt', { description: 'half done' })
    const standalone = { ...input, rule: 'Block QUIC' }
    const under = { session: await open(), clock }
    expect((await converge(unclaimed, standalone, under)).changes).toEqual([])
    const [change, ...more] = (await converge(unclaimed, input, under)).changes
    expect(more).toEqual([])
    expect(change).toMatchObject({
      path: 'pending changes',
      from: 'somebody else has changes pending in ZIA',
      note: expect.stringMatching(/^VSE lab-1 cannot be made beside them.*--set activateOthers=true$/),
    })
    const allowed = { session: await open({ others: 'include' }), clock }
    expect((await converge(unclaimed, input, allowed)).changes).toEqual([])
  })

  test('takes what is free, and what is ours already', async () => {
    const rig = await createRig()
    const session = await rig.open()
    const { writer } = viewsOf(session)
    const under = { session, clock: rig.clock }
    expect((await converge(unclaimed, input, under)).changes).toEqual([])
    await writer.create('virtualZenNodes', { name: 'lab-1-a', ipAddress: '10.84.0.111', ...NET })
    expect((await converge(unclaimed, input, under)).changes).toEqual([])
  })

  test('finds names and addresses that others have, and places that are not there, all at once', async () => {
    const rig = await createRig()
    const session = await rig.open()
    const { writer } = viewsOf(session)
    const create = (name: string, ipAddress: string) =>
      writer.create('virtualZenNodes', { name, ipAddress, ...NET })
    await create('LAB-1-A', '10.84.0.7')
    await create('other', '10.84.0.112')
    await writer.create('virtualZenClusters', { name: 'old', ipAddress: '10.84.0.130', ...NET })
    const wanted = {
      ...input,
      location: { name: 'Berlin', create: false },
      rule: 'Office 365 One Click Rule',
    }
    const { changes } = await converge(unclaimed, wanted, { session, clock: rig.clock })
    expect(lines(changes)).toEqual([
      'instance lab-1-a: named LAB-1-A in ZIA → –',
      'LB IP of lab-1-a: 10.84.0.112 is the proxy IP of the instance other → –',
      'cluster IP of lab-1: 10.84.0.130 is the cluster IP of old → –',
      'location Berlin: – → there',
      'firewall filtering rule Office 365 One Click Rule: one of Zscaler’s own → –',
    ])
  })
})

describe('zia/unclaimed, where names differ in the case of their letters', () => {
  test('names each of them', async () => {
    const rig = await createRig()
    const session = await rig.open()
    const { writer } = viewsOf(session)
    await writer.create('ipSourceGroups', { name: 'vse LAB-1' })
    await writer.create('firewallFilteringRules', { name: 'Vse lab-1', order: 1, rank: 7, action: 'ALLOW' })
    for (const create of [true, false]) {
      const { changes } = await converge(
        unclaimed,
        {
          instances: [{ name: 'lab-1-a', proxy: '10.84.0.111' }],
          location: { name: 'FRANKFURT', create },
          rule: 'VSE lab-1',
        },
        { session, clock: rig.clock },
      )
      expect(lines(changes)).toEqual([
        'location FRANKFURT: named Frankfurt in ZIA → –',
        'firewall filtering rule VSE lab-1: named Vse lab-1 in ZIA → –',
        'IP source group VSE lab-1: named vse LAB-1 in ZIA → –',
      ])
    }
  })
})

describe('the clock of a tenant', () => {
  test.each([
    ['right where its date lies between question and answer', 0, 0],
    ['right within the second that a date has', -900, 0],
    ['ahead', 90_000, 89.5],
    ['behind', -90_000, -89],
  ])('is %s', async (_, off, wanted) => {
    let now = 1_700_000_000_000
    const time = createServerTime({ clock: { now: () => now, sleep: () => Promise.resolve() } })
    expect(time.ahead()).toBeUndefined()
    const http = time.watch({
      close: () => Promise.resolve(),
      send() {
        const date = new Date(now + off).toUTCString()
        now += 500
        return Promise.resolve({ status: 200, headers: { date }, text: '' })
      },
    })
    await http.send(
      { method: 'GET', url: 'https://x', headers: {} },
      { signal: new AbortController().signal },
    )
    expect(time.ahead()).toBe(wanted)
  })
})

function need<T>(value: T | null): T {
  if (value === null) throw new TypeError('a healthy tenant has licences')
  return value
}
