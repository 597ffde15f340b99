import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openHostKeys, type HostKeys } from '../../src/connect/host-keys.ts'
import { openConnections } from '../../src/connect/open-connections.ts'
import { wallClock } from '../../src/connect/wall-clock.ts'
import type { Connections } from '../../src/model/connections.ts'
import type { ApplianceEndpoint, VSphereEndpoint } from '../../src/model/endpoint.ts'
import { AuthError, ConnectError } from '../../src/model/error.ts'
import { Secret } from '../../src/model/secret.ts'
import { listTargets } from '../../src/plan/list-targets.ts'
import { estateOf } from '../support/small-world.ts'

const targets = listTargets(estateOf({ fra: { 'fra-1': ['a'] }, ams: { 'ams-1': ['b'] } }))
const targetOf = (name: string) => targets.find((target) => target.name === name)!

const vsphereOf = (host: string): VSphereEndpoint => ({
  host,
  port: 443,
  username: 'admin',
  password: new Secret({ kind: 'env', name: 'X' }),
})

const applianceOf = (name: string): ApplianceEndpoint => ({
  name,
  ssh: {
    host: '10.84.0.110',
    port: 22,
    username: 'zsroot',
    password: new Secret({ kind: 'env', name: 'X' }),
  },
  initialPassword: new Secret({ kind: 'env', name: 'X' }),
  vsphere: vsphereOf('vc.fra'),
  vm: name,
  hostKey: 'announced',
})

describe('the connections of a run', () => {
  let folder: string
  let connections: Connections
  let hostKeys: HostKeys
  const dialled: AbortSignal[] = []
  let refusal: Error | undefined
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connections-'))
    dialled.length = 0
    refusal = undefined
    hostKeys = await openHostKeys({ path: join(folder, 'keys.json') })
    connections = openConnections({
      endpointsOf: ({ site, name }) => ({
        vsphere: vsphereOf(`vc.${site}`),
        ...(name === 'a' ? { appliance: applianceOf('a') } : {}),
      }),
      // A network in which nobody ever answers, or everybody refuses.
      network: {
        trusted: [],
        dial: (_address, { signal }) => {
          dialled.push(signal)
          if (refusal !== undefined) return Promise.reject(refusal)
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
          })
        },
      },
      clock: wallClock,
      hostKeys,
      check: false,
      signal: new AbortController().signal,
    })
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('are not waited for by a step whose time is up, and go on for the others', async () => {
    const step = new AbortController()
    const other = new AbortController()
    const reading = connections.reader('vsphere', targetOf('a'), { signal: step.signal })
    const alsoReading = connections.reader('vsphere', targetOf('a'), { signal: other.signal })
    step.abort(new Error('time is up'))
    await expect(reading).rejects.toThrowError('time is up')
    other.abort(new Error('interrupted'))
    await expect(alsoReading).rejects.toThrowError('interrupted')
    expect(dialled.every(({ aborted }) => !aborted)).toBe(true)
    await connections.close()
  })

  it('can be closed while one of them is still being opened', async () => {
    const step = new AbortController()
    const reading = connections.reader('vsphere', targetOf('a'), { signal: step.signal })
    const [ended] = await Promise.allSettled([reading, connections.close()])
    expect(ended).toMatchObject({ reason: { message: 'closed before it was open' } })
    step.abort()
  })

  it('are not tried again where a login was refused, and are where nobody answered', async () => {
    const { signal } = new AbortController()
    const open = () => connections.reader('vsphere', targetOf('a'), { signal })
    refusal = new ConnectError('refused', 'nobody listens')
    for (let times = 0; times < 2; times += 1) await expect(open()).rejects.toBe(refusal)
    expect(dialled).toHaveLength(2)
    refusal = new AuthError('this password is wrong')
    for (let times = 0; times < 3; times += 1) await expect(open()).rejects.toBe(refusal)
    expect(dialled).toHaveLength(3)
    await connections.close()
  })

  it('forget the host key of a machine that is made anew, and of no other', async () => {
    const [own, other] = ['10.84.0.110', '10.84.0.120'].map((host) => ({ host, port: 22 }))
    for (const address of [own!, other!])
      await hostKeys.learn(address, { fingerprint: `SHA256:${'A'.repeat(43)}`, source: 'console' })
    await connections.forget(targetOf('fra-1'))
    expect(hostKeys.find(own!)).toBeDefined()
    await connections.forget(targetOf('a'))
    expect(hostKeys.find(own!)).toBeUndefined()
    expect(hostKeys.find(other!)).toBeDefined()
  })

  it('tell the systems of two targets apart, and know when they are the same', () => {
    expect(connections.systemOf('vsphere', targetOf('a'))).toBe('admin@vc.fra:443')
    expect(connections.systemOf('vsphere', targetOf('fra-1'))).toBe('admin@vc.fra:443')
    expect(connections.systemOf('vsphere', targetOf('b'))).toBe('admin@vc.ams:443')
    expect(connections.systemOf('none', targetOf('a'))).toBe('')
  })
})
