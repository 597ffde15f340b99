import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { breakLab, LAB_FAULTS, mendLab } from '../../src/lab/faults.ts'
import { openLab, type Lab } from '../../src/lab/lab.ts'
import type { LabSeed, SeedTenant } from '../../src/model/lab-seed.ts'
import { documentedSecret } from '../../src/model/secret.ts'
import { SEED } from './vcenter/rig.ts'

const LAB: LabSeed = { vcenters: [SEED], tenants: [], subnets: [], downloads: [] }

describe('a fault of a vCenter, by name', () => {
  let state: string
  let lab: Lab
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'faults-'))
    lab = await openLab({ seed: LAB, state })
  })
  afterEach(async () => {
    await lab.close()
    await rm(state, { recursive: true, force: true })
  })

  const due = () => lab.vcenters[0]?.faults.due()

  async function reopen(): Promise<void> {
    await lab.close()
    lab = await openLab({ seed: LAB, state })
  }

  it('waits for its moment in the next process, and is taken back there', async () => {
    expect(LAB_FAULTS['vsphere-reset']).toBe('vCenter: the next upload is cut in the middle')
    const said = await breakLab(lab, { name: 'vsphere-reset', target: undefined })
    expect(said).toBe('vsphere-reset strikes every vCenter at the next occasion.')
    await breakLab(lab, { name: 'vsphere-reset', target: SEED.host })
    await breakLab(lab, { name: 'vsphere-slow', target: SEED.host })
    await reopen()
    expect(due()).toEqual({ reset: 2, slow: 1 })
    await mendLab(lab, { name: 'vsphere-reset', target: SEED.host })
    await reopen()
    expect(due()).toEqual({ slow: 1 })
    await mendLab(lab, { name: undefined, target: undefined })
    expect(due()).toEqual({})
  })

  it.each(['build-stalls', 'promiscuous-reject'] as const)(
    'says how to get appliances, where there are none for it to strike: %s',
    async (name) => {
      await expect(breakLab(lab, { name, target: undefined })).rejects.toMatchObject({
        message: 'the lab has no appliance yet',
        hint: expect.stringContaining('`runbook deploy --tags vm`'),
      })
    },
  )

  it('strikes no vCenter that there is not', async () => {
    await expect(breakLab(lab, { name: 'vsphere-slow', target: 'vc.nowhere' })).rejects.toMatchObject({
      message: 'the lab has no vCenter or host “vc.nowhere”',
      hint: 'it has vc.lab',
    })
    expect(due()).toEqual({})
  })
})

const TENANT: SeedTenant = {
  cloud: 'zscalertwo',
  apiHost: 'zsapi.zscalertwo.net',
  login: {
    kind: 'legacy',
    username: 'api@acme.example',
    password: documentedSecret('password'),
    apiKey: documentedSecret('abcdefghijkl'),
  },
  licences: 16,
  locations: [],
}

describe('a fault of a ZIA tenant, by name', () => {
  it('waits for its moment in the next process, and is taken back there', async () => {
    const state = await mkdtemp(join(tmpdir(), 'faults-'))
    const seed = { ...LAB, vcenters: [], tenants: [TENANT] }
    let lab = await openLab({ seed, state })
    try {
      const has = () => lab.tenants[0]?.faults.has('maintenance')
      expect(LAB_FAULTS['zia-maintenance']).toMatch(/^ZIA: until mended: every edit is refused/)
      const broken = await breakLab(lab, { name: 'zia-maintenance', target: 'zscalertwo' })
      expect(broken).toBe('zia-maintenance strikes zscalertwo until it is mended.')
      expect(await breakLab(lab, { name: 'zia-slow', target: undefined })).toBe(
        'zia-slow strikes every tenant at the next occasion.',
      )
      await lab.close()
      lab = await openLab({ seed, state })
      expect(has()).toBe(true)
      await mendLab(lab, { name: 'zia-maintenance', target: 'zsapi.zscalertwo.net' })
      expect(has()).toBe(false)
      await mendLab(lab, { name: undefined, target: undefined })
      expect(lab.tenants[0]?.faults.has('slow')).toBe(false)
      await expect(breakLab(lab, { name: 'zia-slow', target: 'zscloud' })).rejects.toMatchObject({
        message: 'the lab has no ZIA tenant “zscloud”',
        hint: 'it has zsapi.zscalertwo.net (zscalertwo)',
      })
    } finally {
      await lab.close()
      await rm(state, { recursive: true, force: true })
    }
  })
})
