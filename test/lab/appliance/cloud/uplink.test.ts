import { expect, test } from 'vitest'

import { planReach } from '../../../../src/lab/appliance/cloud/reach.ts'
import { planUplink, type UplinkParts } from '../../../../src/lab/appliance/cloud/uplink.ts'
import { createInitialState } from '../../../../src/lab/appliance/initial-state.ts'
import type { Channel } from '../../../../src/lab/appliance/state.ts'
import { createCloud, NODE_A } from '../bench.ts'

const subnets = [{ cidr: '10.84.0.0/24', gateway: '10.84.0.200', dns: ['10.84.0.100'] }]
const network = {
  address: '10.84.0.110',
  prefix: 24,
  gateway: '10.84.0.200',
  dns: ['10.84.0.100'],
  hostname: 'a',
}

async function parts(): Promise<UplinkParts> {
  const state = await createInitialState('optional', 0)
  state.network = network
  state.certificate = { serial: 'AB12', cloud: undefined, sha256: '' }
  state.build = { version: '1', installedAt: 0 }
  state.processes = { sme: { pid: 1, since: 0 } }
  const cloud = createCloud()
  cloud.nodes.set('AB12', NODE_A)
  return { state, reach: planReach(network, subnets), clouds: [cloud], now: 1_000_000, contested: false }
}

test('a service that started just now is connecting, then stable', async () => {
  const all = await parts()
  expect(planUplink({ ...all, now: 5000 }).state).toBe('connecting')
  expect(planUplink({ ...all, now: 20_000 }).state).toBe('stable')
})

test('the cloud is named by its domain', async () => {
  expect(planUplink(await parts()).settings?.cloud).toBe('zscalerlab.net')
})

test('every missing piece is named', async () => {
  const all = await parts()
  expect(planUplink({ ...all, state: { ...all.state, certificate: undefined } }).reason).toMatch(
    /SSL Certificate/,
  )
  expect(planUplink({ ...all, state: { ...all.state, build: undefined } }).reason).toMatch(/not running/)
  expect(planUplink({ ...all, clouds: [] }).reason).toMatch(/no active instance/)
  expect(planUplink({ ...all, reach: planReach({ ...network, dns: ['9.9.9.9'] }, subnets) }).reason).toMatch(
    /resolved/,
  )
  expect(
    planUplink({ ...all, reach: planReach({ ...network, gateway: '10.84.0.1' }, subnets) }).reason,
  ).toMatch(/route/)
  expect(planUplink({ ...all, reach: planReach(undefined, subnets) }).state).toBe('down')
  expect(planUplink({ ...all, contested: true }).state).toBe('suspicious')
  expect(planUplink({ ...all, state: { ...all.state, driftMs: 300_000 } }).reason).toMatch(/clock/)
})

test('a firewall that closes the channels’ own ports hides the cloud and its settings, until all are on port 443', async () => {
  const all = await parts()
  const onStandard = (...channels: readonly Channel[]) => ({
    ...all.state,
    faults: { 'ports-closed': 1 },
    standardPort: { configured: channels, effective: channels },
  })
  for (const state of [onStandard(), onStandard('ca', 'cds')])
    expect(planUplink({ ...all, state })).toMatchObject({
      state: 'down',
      reason: expect.stringMatching(/ports/),
      settings: undefined,
    })
  expect(planUplink({ ...all, state: onStandard('ca', 'cds', 'smsm') }).state).toBe('stable')
})
