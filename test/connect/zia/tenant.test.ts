import { describe, expect, test } from 'vitest'

import { checkTenant } from '../../../src/connect/zia/tenant.ts'
import { createRig, LEGACY, ONEAPI } from '../../lab/zia/rig.ts'

const ACME = { name: 'Acme GmbH', orgId: 4_711, domains: ['acme.example'], cloudName: 'zscalertwo.net' }
const ENDPOINT = { cloud: 'zscalertwo', login: LEGACY }

describe('checkTenant', () => {
  test.each(['Acme GmbH', 'acme gmbh', 'acme.example', '4711', undefined])(
    'takes the tenant that is called %s',
    (tenant) => {
      expect(() => checkTenant({ ...ENDPOINT, tenant }, ACME)).not.toThrow()
    },
  )

  test('refuses another tenant, and says which one was reached', () => {
    expect(() => checkTenant({ ...ENDPOINT, tenant: 'Emca' }, ACME)).toThrow(
      'the inventory names the tenant Emca, and these credentials lead to the ZIA tenant of Acme GmbH (id 4711) in zscalertwo.net',
    )
  })

  test('refuses a tenant in another cloud, and says how to name it', () => {
    expect(() => checkTenant({ ...ENDPOINT, cloud: 'zscaler' }, ACME)).toThrow(
      expect.objectContaining({ code: 'CONFIG', hint: expect.stringContaining("cloud: 'zscalertwo'") }),
    )
  })

  test('takes the name of the cloud as it is written in an inventory, whatever its domain', () => {
    const inCloud = (cloud: string, cloudName: string) => () =>
      checkTenant({ cloud, login: ONEAPI }, { ...ACME, cloudName })
    expect(inCloud('zscalergovus', 'zscalergov.us')).not.toThrow()
    expect(inCloud('zscalergov', 'zscalergov.net')).not.toThrow()
    expect(inCloud('zscalergov', 'zscalergov.us')).toThrow(
      expect.objectContaining({ hint: "if that is the tenant you mean, write cloud: 'zscalergovus'" }),
    )
    expect(inCloud('zscaler', 'elsewhere.net')).toThrow(
      expect.objectContaining({
        hint: "if that is the tenant you mean, write cloud: 'elsewhere', and give both apiUrl and tokenUrl",
      }),
    )
  })

  test('refuses a tenant that nobody can tell, where one is named', () => {
    expect(() => checkTenant({ ...ENDPOINT, tenant: 'Acme' }, undefined)).toThrow('nobody can tell')
    expect(() => checkTenant(ENDPOINT, undefined)).not.toThrow()
  })
})

describe('openZia', () => {
  test('stops at another tenant than the inventory names before anything else is read or written', async () => {
    const rig = await createRig()
    const opening = rig.open({ endpoint: { ...rig.endpoint, tenant: 'Emca' } })
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG' })
    expect(Object.keys(rig.tenant.counts.calls).toSorted()).toEqual([
      'GET /orgInformation/lite',
      'POST /authenticatedSession',
    ])
  })
})
