import { describe, expect, test } from 'vitest'

import { activation } from '../../../modules/zia/activation.ts'
import { cluster } from '../../../modules/zia/cluster.ts'
import { firewallRule } from '../../../modules/zia/firewall-rule.ts'
import { instance } from '../../../modules/zia/instance.ts'
import { licences } from '../../../modules/zia/licences.ts'
import { locationBinding } from '../../../modules/zia/location-binding.ts'
import { createRig, recorder } from '../../lab/zia/rig.ts'
import { converge } from './converge.ts'

const CLUSTERS = 20
const NODES = 4
const PLACE = { subnetMask: '255.255.255.0', gateway: '10.0.0.254' }

/** What a run does with ZIA: every cluster in its own lane, one activation at the end. */
async function deploy(under: Parameters<typeof converge>[2]): Promise<number> {
  const names = Array.from({ length: CLUSTERS }, (_, index) => `c-${index}`)
  const nodesOf = (name: string): string[] => Array.from({ length: NODES }, (_, index) => `${name}-${index}`)
  const checked = await converge(licences, { nodes: names.flatMap(nodesOf) }, under)
  expect(checked.remaining).toEqual([])
  const results = await Promise.all(
    names.map(async (name, lane) => {
      const address = (host: number): string => `10.0.${lane}.${host}`
      const nodes = await Promise.all(
        nodesOf(name).map((node, index) =>
          converge(
            instance,
            {
              name: node,
              ...PLACE,
              proxy: address(index + 1),
              loadBalancer: address(index + 11),
              mode: 'cluster',
            },
            under,
          ),
        ),
      )
      return [
        ...nodes,
        await converge(cluster, { name, ...PLACE, address: address(100), nodes: nodesOf(name) }, under),
        await converge(
          locationBinding,
          {
            location: `site ${lane % 2}`,
            cluster: name,
            create: { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' },
          },
          under,
        ),
        await converge(
          firewallRule,
          { name: `VSE ${name}`, addresses: [address(1), address(11), address(100)] },
          under,
        ),
      ]
    }),
  )
  const all = [...results.flat(), await converge(activation, {}, under)]
  expect(all.flatMap(({ remaining }) => remaining)).toEqual([])
  return all.flatMap(({ changes }) => changes).length
}

describe('the ZIA steps of twenty clusters', () => {
  test('are done without one 429, with few requests, and have nothing to do the second time', async () => {
    const rig = await createRig({ seed: { licences: CLUSTERS * NODES } })
    const { lines, trace } = recorder()
    const session = await rig.open({ trace })
    const under = { session, clock: rig.clock }
    expect(await deploy(under)).toBeGreaterThan(0)
    expect(lines.filter((line) => line.includes(': 429'))).toEqual([])
    // Instances, clusters, groups, rules and bindings: a write each, and one activation.
    expect(rig.tenant.mutations).toBe(CLUSTERS * (NODES + 4) + 1)
    const requests = lines.filter((line) => line.startsWith('1 ')).length
    // Every write is read back; a binding is read before it is written. The rest are a few shared lists.
    expect(requests).toBeLessThan(2 * CLUSTERS * (NODES + 4) + 2 * CLUSTERS + 60)

    const before = lines.length
    expect(await deploy(under)).toBe(0)
    expect(rig.tenant.mutations).toBe(CLUSTERS * (NODES + 4) + 1)
    expect(lines.slice(before).filter((line) => line.startsWith('1 ')).length).toBeLessThan(20)
  })
})
