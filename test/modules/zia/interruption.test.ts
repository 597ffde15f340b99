import { describe, expect, test } from 'vitest'

import type { Passage } from '../../../src/lab/zia/watch.ts'
import { deploy, type PlannedCluster } from './deploy.ts'
import { createMark, openDirect, type Direct } from './direct.ts'

const CLUSTERS: readonly PlannedCluster[] = [
  { name: 'fra', net: 1, nodes: 2, location: 'Frankfurt', exists: true },
  { name: 'muc', net: 2, nodes: 2, location: 'Munich' },
]

/**
 * Everything in the tenant, without ids and times. Two clusters whose rules are both inserted at the top come in the order
 * in which they are done; nobody else's rule may have moved.
 */
async function describeTenant({ tenant, open }: Direct): Promise<unknown> {
  const session = await open()
  const reader = session.reader({ signal: new AbortController().signal })
  const rules = await reader.list('firewallFilteringRules')
  const locations = await reader.list('locations')
  const groups = await reader.list('ipSourceGroups')
  const isOurs = (name: string): boolean => name.startsWith('VSE ')
  const { activation, instances, clusters } = tenant.status()
  await session.close()
  return {
    activation,
    instances: strip(instances),
    clusters: strip(clusters),
    others: rules.filter(({ name }) => !isOurs(name)).map(({ name, order }) => `${order} ${name}`),
    rules: rules
      .filter(({ name }) => isOurs(name))
      .map(({ name, action }) => `${name} ${action}`)
      .toSorted(),
    orders: rules.filter(({ name }) => isOurs(name)).map(({ order }) => order),
    bindings: locations
      .map(({ name, country, virtualZenClusters }) => ({
        name,
        country,
        bound: virtualZenClusters?.map((one) => one.name),
      }))
      .toSorted(byName),
    groups: groups.map(({ name, ipAddresses }) => ({ name, ipAddresses })).toSorted(byName),
  }
}

/** A list of the tenant's status in the order of its names, without ids. */
function strip(list: unknown): readonly unknown[] {
  const objects = list as readonly { readonly name: string; readonly id?: number }[]
  const plain = objects.map((object) => {
    const { id: _, ...rest } = object
    return rest
  })
  return plain.toSorted(byName)
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1

/** A run, and what a process that is killed leaves behind: nothing of it but the mark on disk. */
async function run(
  direct: Direct,
  { mark, stop }: { mark: ReturnType<typeof createMark>; stop: AbortController },
) {
  const session = await direct.open({ signal: stop.signal, mark })
  try {
    await deploy(CLUSTERS, { session, clock: direct.clock, forks: 3 })
  } finally {
    await session.close()
  }
}

describe('a run of the ZIA steps that is killed', () => {
  test.each(['arrived', 'answered'] as const)(
    'at any request, when it has %s, is finished by the next run, with nothing twice',
    { timeout: 60_000 },
    async (moment: Passage['moment']) => {
      await using whole = await openDirect()
      await run(whole, { mark: createMark(), stop: new AbortController() })
      const { requests } = whole.tenant.counts
      const wanted = await describeTenant(whole)
      expect(requests).toBeGreaterThan(30)
      for (let killAt = 1; killAt <= requests; killAt += 1) {
        await using direct = await openDirect()
        const mark = createMark()
        const stop = new AbortController()
        const leave = direct.tenant.watch((passage) => {
          if (passage.number !== killAt || passage.moment !== moment) return undefined
          stop.abort(new RangeError('killed'))
          return 'cut'
        })
        // The last two ask whether anything is pending, and log out: nobody cares for their fate.
        const ending = await run(direct, { mark, stop }).then(
          () => (killAt >= requests - 1 ? 'killed' : 'whole'),
          (error: Error) => error.message,
        )
        expect(ending, `request ${killAt}`).toContain('killed')
        leave()
        await run(direct, { mark, stop: new AbortController() })
        expect(await describeTenant(direct), `killed at request ${killAt}`).toEqual(wanted)
      }
    },
  )
})
