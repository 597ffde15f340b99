import { describe, expectTypeOf, it } from 'vitest'

import { defineInventory, secret } from '#sdk'

import type { VseCluster, VseEstate, VseNode } from '../../inventory/schema/levels.ts'
import { vse } from '../../inventory/schema/vse.ts'
import type { FileRef } from '../../src/model/file-ref.ts'
import type { WrittenInventory } from '../../src/model/inventory.ts'
import type { Secret } from '../../src/model/secret.ts'

type Site = WrittenInventory<(typeof vse)['levels']>['sites'][string]
type Cluster = Site['clusters'][string]

const node = {
  management: '10.84.0.110/24',
  proxy: '10.84.0.111',
  loadBalancer: '10.84.0.112',
  certificate: 'a.zip',
} as const

const site = {
  vcenter: { host: 'vc', username: 'svc', password: secret.env('VC') },
  placement: { datacenter: 'FRA', datastore: 'ssd' },
  network: { subnet: '10.84.0.0/24', gateway: '10.84.0.1', dns: ['10.84.0.2'], portGroup: { name: 'VSE' } },
  clusters: { 'fra-1': { location: { name: 'F' }, nodes: { 'fra-1-a': node } } },
}

const estate = {
  zia: {
    cloud: 'zscalertwo',
    login: { kind: 'legacy', username: 'api', password: secret.env('P'), apiKey: secret.env('K') },
  },
  image: 'vse.ova',
  password: secret.env('VSE'),
} as const

describe('an editor', () => {
  it('accepts what is right', () => {
    expectTypeOf(defineInventory(vse, { ...estate, sites: { fra: site } })).toHaveProperty('kind')
  })

  it('underlines a key that does not exist, at every level', () => {
    // @ts-expect-error -- the estate has no “colour”
    defineInventory(vse, { ...estate, colour: 'blue', sites: { fra: site } })
    // @ts-expect-error -- a site has no “colour”
    defineInventory(vse, { ...estate, sites: { fra: { ...site, colour: 'blue' } } })
    // @ts-expect-error -- a placement has no “rack”
    const placement: Site['placement'] = { datacenter: 'F', datastore: 's', rack: 4 }
    // @ts-expect-error -- a cluster has no “adress”
    const cluster: Cluster = { adress: '', location: { name: 'F' }, nodes: {} }
    // @ts-expect-error -- a node has no “proxyIp”
    const wrong: Cluster['nodes'][string] = { ...node, proxyIp: '10.84.0.9' }
    expectTypeOf([placement, cluster, wrong]).toBeArray()
  })

  it('underlines a secret that is written out', () => {
    // @ts-expect-error -- a text is no secret
    const inventory = defineInventory(vse, { ...estate, password: 'hunter2', sites: { fra: site } })
    expectTypeOf(inventory).toBeObject()
  })

  it('underlines a value that is not among those allowed', () => {
    // @ts-expect-error -- there is no such mode
    const cluster: Cluster = { mode: 'ha', location: { name: 'F' }, nodes: {} }
    expectTypeOf(cluster).toBeObject()
  })

  it('knows what a runbook gets: defaults filled in, files and secrets as such', () => {
    expectTypeOf<VseEstate['password']>().toEqualTypeOf<Secret>()
    expectTypeOf<VseEstate['initialPassword']>().toEqualTypeOf<Secret>()
    expectTypeOf<VseEstate['image']>().toEqualTypeOf<FileRef>()
    expectTypeOf<VseEstate['hostKey']>().toEqualTypeOf<'announced' | 'first-use'>()
    expectTypeOf<VseCluster['mode']>().toEqualTypeOf<'cluster' | 'standalone'>()
    expectTypeOf<VseCluster['nodes']>().toEqualTypeOf<readonly VseNode[]>()
    expectTypeOf<VseNode['nitrox']>().toEqualTypeOf<boolean>()
    expectTypeOf<VseNode['loadBalancer']>().toEqualTypeOf<string | undefined>()
  })
})
