import { describe, expect, it } from 'vitest'

import type { VseEstate } from '../../inventory/schema/levels.ts'
import { hostOptionOf, portGroupOf, preflightOf } from '../../inventory/schema/placement.ts'
import { listClusters } from '../../inventory/schema/walk.ts'
import { loadInventory } from '../../src/load/load-inventory.ts'
import { createTestProject } from '../load/support/project.ts'
import { writeEstate, writeNode, type WrittenEstate } from '../load/support/written.ts'

const project = await createTestProject()
let count = 0

async function load(written: WrittenEstate): Promise<VseEstate> {
  const file = await project.write(`placement-${++count}.json`, JSON.stringify(written))
  return (await loadInventory([file], { project })).estate as unknown as VseEstate
}

/** A standalone node, with what is written of it beside its name and addresses. */
const writeAlone = (name: string, last: number, more: object) => ({
  mode: 'standalone',
  location: { name },
  nodes: { [`${name}-a`]: { ...writeNode(`${name}-a`, last), loadBalancer: undefined } },
  ...more,
})

const groupNamed = (name: string, more = {}) => ({ network: { portGroup: { name, vlan: 84, ...more } } })

describe('the hosts of a site', () => {
  it('have one option for all port groups that are made on them, whoever’s cluster asks', async () => {
    const written = writeEstate()
    const { fra } = written.sites
    if (fra === undefined) throw new TypeError('no site')
    const clusters = {
      'fra-2': writeAlone('fra-2', 20, groupNamed('VSE2', { switch: 'vSwitch1' })),
      'fra-3': writeAlone('fra-3', 30, {}),
      'fra-4': writeAlone('fra-4', 40, { ...groupNamed('LB'), externalLoadBalancer: true }),
    }
    const more = { 'off-1': writeAlone('off-1', 50, groupNamed('VSE3')) }
    const far = { 'far-1': writeAlone('far-1', 60, groupNamed('VSE4')) }
    Object.assign(fra.clusters, clusters)
    Object.assign(written.sites, {
      off: { ...fra, placement: { ...fra.placement, datastore: 'hdd' }, clusters: more },
      far: { ...fra, placement: { ...fra.placement, computeCluster: 'core' }, clusters: far },
    })
    const estate = await load(written)
    const [first, ...others] = listClusters(estate).map(({ site }) => hostOptionOf({ estate, site }))
    const last = others.pop()
    expect(first?.portGroups.map((group) => [group.name, group.switch])).toEqual([
      ['VSE', 'vSwitch0'],
      ['VSE2', 'vSwitch1'],
      ['VSE3', 'vSwitch0'],
    ])
    for (const other of others) expect(other).toEqual(first)
    expect(last?.portGroups.map(({ name }) => name)).toEqual(['VSE4'])
    expect(listClusters(estate).map((placed) => portGroupOf(placed).datastore)).toEqual([
      ...Array.from({ length: 4 }, () => 'ssd'),
      'hdd',
      'ssd',
    ])
  })

  it('have to be reachable unless the image has a URL', async () => {
    const imageUrl = { url: 'https://images.acme.example/vse.ova', sha256: 'ab'.repeat(32) }
    for (const [more, pulled] of [
      [{}, false],
      [{ imageUrl }, true],
    ] as const) {
      const estate = await load({ ...writeEstate(), ...more })
      const [placed] = listClusters(estate)
      if (placed === undefined) throw new TypeError('no cluster')
      expect(preflightOf({ estate, site: placed.site })).toMatchObject({ pulled })
    }
  })
})
