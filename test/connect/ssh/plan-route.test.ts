import { describe, expect, it } from 'vitest'

import { planRoute } from '../../../src/connect/ssh/plan-route.ts'
import type { SshConfigEntry, SshConfigFile } from '../../../src/connect/ssh/ssh-config.ts'
import type { SshEndpoint, SshWays } from '../../../src/model/endpoint.ts'
import { secretOf } from './server.ts'

const options = { policy: 'announced', knownHosts: ['/known'] } as const

const endpoint = (ways?: SshWays): SshEndpoint => ({
  host: '10.84.0.110',
  port: 22,
  username: 'zsroot',
  password: secretOf('x'),
  ways,
})

function configOf(entries: Readonly<Record<string, Partial<SshConfigEntry>>>): SshConfigFile {
  return { find: (host) => ({ identityFiles: [], proxyJump: [], ...entries[host] }) }
}

describe('the way to a server', () => {
  it('leads straight to its own address where nothing else is said', () => {
    const { jumps, target } = planRoute(endpoint(), options)
    expect(jumps).toEqual([])
    expect(target).toMatchObject({
      address: { host: '10.84.0.110', port: 22 },
      username: 'zsroot',
      keys: [],
      agent: false,
      legacy: false,
    })
  })

  it('keeps the server’s own address for its host key, however it is reached', () => {
    const { target } = planRoute(endpoint({ host: 'nat.example', port: 2222 }), options)
    expect(target.address).toEqual({ host: 'nat.example', port: 2222 })
    expect(target.identity).toEqual({ host: '10.84.0.110', port: 22 })
  })

  it('follows the inventory before the ssh_config, and that before the server’s own', () => {
    const config = configOf({
      edge: { hostName: '192.0.2.1', port: 77, username: 'joe', identityFiles: ['/id'] },
    })
    const { target } = planRoute(endpoint({ host: 'edge', port: 99 }), { ...options, config })
    expect(target).toMatchObject({
      address: { host: '192.0.2.1', port: 99 },
      username: 'joe',
      keys: [{ path: '/id', optional: true }],
      agent: true,
    })
  })

  it('tries the password alone where only that is asked about', () => {
    const config = configOf({ '10.84.0.110': { identityFiles: ['/id'] } })
    const ways = { keys: [{ path: '/key' }], agent: true, passwordOnly: true }
    expect(planRoute(endpoint(ways), { ...options, config }).target).toMatchObject({ keys: [], agent: false })
  })

  it('goes over the jump hosts of the ssh_config, and over theirs', () => {
    const config = configOf({
      '10.84.0.110': { proxyJump: ['admin@inner:2022'] },
      inner: { hostName: '192.0.2.2', proxyJump: ['outer'] },
      outer: { hostName: '192.0.2.1', knownHosts: ['/outer'] },
    })
    const { jumps } = planRoute(endpoint(), { ...options, config })
    expect(jumps.map(({ address }) => address)).toEqual([
      { host: '192.0.2.1', port: 22 },
      { host: '192.0.2.2', port: 2022 },
    ])
    expect(jumps[1]).toMatchObject({ username: 'admin', knownHosts: ['/known'] })
    expect(jumps[0]?.knownHosts).toEqual(['/outer'])
  })

  it('refuses a jump host that leads back to itself', () => {
    const config = configOf({ '10.84.0.110': { proxyJump: ['loop'] }, loop: { proxyJump: ['loop'] } })
    expect(() => planRoute(endpoint(), { ...options, config })).toThrow(/more than 8 hosts/)
  })
})
