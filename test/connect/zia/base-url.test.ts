import { describe, expect, test } from 'vitest'

import { planBaseUrls } from '../../../src/connect/zia/base-url.ts'
import { ConfigError } from '../../../src/model/error.ts'
import { LEGACY, ONEAPI } from '../../lab/zia/rig.ts'

describe('planBaseUrls', () => {
  test.each([
    ['zscaler', 'https://zsapi.zscaler.net/api/v1'],
    ['zscalertwo', 'https://zsapi.zscalertwo.net/api/v1'],
    ['zspreview', 'https://admin.zspreview.net/api/v1'],
  ])('finds the legacy API of %s', (cloud, api) => {
    expect(planBaseUrls({ cloud, login: LEGACY })).toEqual({ api, token: undefined })
  })

  test.each([
    ['zscalertwo', 'https://api.zsapi.net/zia/api/v1', 'https://acme.zslogin.net/oauth2/v1/token'],
    ['zscalerbeta', 'https://api.beta.zsapi.net/zia/api/v1', 'https://acme.zsloginbeta.net/oauth2/v1/token'],
    ['zscalergov', 'https://api.zscalergov.net/zia/api/v1', 'https://acme.zidentitygov.net/oauth2/v1/token'],
    ['zscalergovus', 'https://api.zscalergov.us/zia/api/v1', 'https://acme.zidentitygov.us/oauth2/v1/token'],
  ])('finds OneAPI and token endpoint of %s', (cloud, api, token) => {
    expect(planBaseUrls({ cloud, login: ONEAPI })).toEqual({ api, token })
  })

  test('takes what the inventory overrides, without trailing slashes', () => {
    const urls = planBaseUrls({
      cloud: 'elsewhere',
      login: ONEAPI,
      apiUrl: 'https://a.example/zia/api/v1/',
      tokenUrl: 'https://t.example/token',
    })
    expect(urls).toEqual({ api: 'https://a.example/zia/api/v1', token: 'https://t.example/token' })
  })

  test('says what to do about a cloud that OneAPI is not known in', () => {
    expect(() => planBaseUrls({ cloud: 'elsewhere', login: ONEAPI })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('tokenUrl') }),
    )
  })

  test.each([
    'http://zsapi.zscaler.net/api/v1',
    'zsapi.zscaler.net',
    'https://me:secret@zsapi.zscaler.net',
    '',
  ])('refuses the API URL “%s”', (apiUrl) => {
    expect(() => planBaseUrls({ cloud: 'zscaler', login: LEGACY, apiUrl })).toThrow(ConfigError)
  })
})
