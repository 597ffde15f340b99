import { describe, expect, it } from 'vitest'

import { nodeSsh, siteSsh, waysOf } from '../../inventory/schema/ssh.ts'
import { secret } from '../../src/sdk.ts'

const site = siteSsh.parse({
  config: true,
  legacy: true,
  jumps: [{ host: 'bastion.example', user: 'admin', password: secret.env('BASTION') }],
})

describe('how an appliance is reached over SSH', () => {
  it('is nothing special where nobody says anything', () => {
    expect(waysOf(undefined, undefined)).toBeUndefined()
  })

  it('is what the site says, but for what the node says itself', () => {
    const node = nodeSsh.parse({ host: 'nat.example', port: 2201, user: 'zsroot', legacy: false })
    expect(waysOf(site, node)).toMatchObject({
      host: 'nat.example',
      port: 2201,
      username: 'zsroot',
      legacy: false,
      config: true,
      jumps: [{ host: 'bastion.example', port: 22, username: 'admin', hostKey: 'announced' }],
    })
  })

  it('is not over the site’s jump hosts where the node says that there are none', () => {
    expect(waysOf(site, nodeSsh.parse({ jumps: [] }))?.jumps).toEqual([])
  })

  it('takes no fingerprint that is none', () => {
    const jumps = [{ host: 'bastion.example', user: 'admin', fingerprint: 'MD5:ab:cd' }]
    expect(siteSsh.safeParse({ jumps }).error?.issues[0]?.message).toContain('ssh-keygen -l')
  })
})
