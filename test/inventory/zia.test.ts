import { describe, expect, test } from 'vitest'

import { estate } from '../../inventory/schema/estate.ts'
import { lab, rehearse } from '../../inventory/schema/lab.ts'
import type { VseEstate } from '../../inventory/schema/levels.ts'
import { secret } from '../../src/sdk.ts'

const { zia } = estate.shape
const ONEAPI = { kind: 'oneapi', vanity: 'acme', clientId: 'c' } as const

describe('the ZIA tenant of an inventory', () => {
  test('signs in with a client secret or a private key, one of them', () => {
    const fits = (login: object): boolean =>
      zia.safeParse({ cloud: 'zscalertwo', login: { ...ONEAPI, ...login } }).success
    expect(fits({ clientSecret: secret.env('S') })).toBe(true)
    expect(fits({ privateKey: { file: 'key.pem' } })).toBe(true)
    expect(fits({})).toBe(false)
    expect(fits({ clientSecret: secret.env('S'), privateKey: secret.file('key.pem') })).toBe(false)
    expect(fits({ privateKey: '-----BEGIN PRIVATE KEY-----' })).toBe(false)
  })

  test('may name the organisation that the credentials have to lead to', () => {
    const login = { ...ONEAPI, clientSecret: secret.env('S') }
    expect(zia.parse({ cloud: 'zscalertwo', tenant: 'acme.example', login })).toHaveProperty(
      'tenant',
      'acme.example',
    )
    expect(zia.safeParse({ cloud: 'zscalertwo', tenant: '', login }).success).toBe(false)
  })

  test('does not activate what others have pending unless it is told to', () => {
    expect(estate.shape.activateOthers.parse(undefined)).toBe(false)
  })

  test('is rehearsed in the lab as the tenant it names, with what stands in for its key', () => {
    const privateKey = secret.file('key.pem')
    const login = { ...ONEAPI, privateKey }
    // Only what the tenant's seed is made from.
    const written = {
      zia: { cloud: 'zscalertwo', tenant: '4711', login },
      sites: [],
      appliance: {},
      image: { path: '/i' },
    }
    const [tenant] = lab(rehearse(written as unknown as VseEstate)).tenants
    expect(tenant).toMatchObject({
      organisation: { id: 4711, name: '4711' },
      login: { clientSecret: privateKey },
    })
    expect(tenant?.login).not.toHaveProperty('privateKey', privateKey)
  })
})
