import { describe, expect, test } from 'vitest'

import { preflight } from '../../../modules/zia/preflight.ts'
import type { Facts } from '../../../modules/zia/preflight/facts.ts'
import { diffTenant, noteTenant } from '../../../modules/zia/preflight/findings.ts'
import { unclaimed } from '../../../modules/zia/unclaimed.ts'
import { createServerTime } from '../../../src/connect/zia/server-time.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

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
  sizes: [],
  pending: 'nothing',
  aheadSeconds: 0,
}

describe('zia/preflight', () => {
  test('finds nothing to say against a tenant that has everything, in one round of lists', async () => {
    const rig = await createRig()
    const session = await rig.open()
    const params = { nodes: NODES, clustered: NODES, rules: ['VSE lab-1'] }
    const { changes, warnings, facts } = await converge(preflight, params, { session, clock: rig.clock })
    expect(changes).toEqual([])
    expect(warnings).toEqual([])
    expect(facts).toMatchObject({ api: true, mayWrite: true, pending: 'nothing', unreadable: [] })
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
      pending: 'others',
      aheadSeconds: -120,
    }
    expect(diffTenant(facts, { nodes: NODES })).toEqual([])
    const notes = noteTenant(facts).join('\n')
    expect(notes).toMatch(/in 9 days[\s\S]*somebody else has changes pending[\s\S]*120 s behind/)
    expect(noteTenant({ ...HEALTHY, pending: 'ours', aheadSeconds: 59 })).toEqual([])
  })
})

describe('zia/unclaimed', () => {
  const input = {
    cluster: { name: 'lab-1', address: '10.84.0.130' },
    instances: [{ name: 'lab-1-a', proxy: '10.84.0.111', loadBalancer: '10.84.0.112' }],
    location: { name: 'Frankfurt', create: false },
    rule: 'VSE lab-1',
  }

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
