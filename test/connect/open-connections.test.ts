import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openHostKeys } from '../../src/connect/host-keys.ts'
import { openConnections } from '../../src/connect/open-connections.ts'
import { wallClock } from '../../src/connect/wall-clock.ts'
import type { Connections } from '../../src/model/connections.ts'
import type { VSphereEndpoint } from '../../src/model/endpoint.ts'
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

describe('the connections of a run', () => {
  let folder: string
  let connections: Connections
  const dialled: AbortSignal[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connections-'))
    dialled.length = 0
    connections = openConnections({
      endpointsOf: ({ site }) => ({ vsphere: vsphereOf(`vc.${site}`) }),
      // A network in which nobody ever answers.
      network: {
        trusted: [],
        dial: (_address, { signal }) => {
          dialled.push(signal)
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
          })
        },
      },
      clock: wallClock,
      hostKeys: await openHostKeys({ path: join(folder, 'keys.json') }),
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

  it('tell the systems of two targets apart, and know when they are the same', () => {
    expect(connections.systemOf('vsphere', targetOf('a'))).toBe('admin@vc.fra:443')
    expect(connections.systemOf('vsphere', targetOf('fra-1'))).toBe('admin@vc.fra:443')
    expect(connections.systemOf('vsphere', targetOf('b'))).toBe('admin@vc.ams:443')
    expect(connections.systemOf('none', targetOf('a'))).toBe('')
  })
})
