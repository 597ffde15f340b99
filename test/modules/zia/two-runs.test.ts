import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { ZiaReader } from '../../../src/connect/zia/session.ts'
import type { Kind } from '../../../src/lab/zia/state.ts'
import { deploy, type PlannedCluster } from './deploy.ts'
import { createMark, openDirect, type Direct } from './direct.ts'

const SHARED: PlannedCluster = { name: 'both', net: 1, nodes: 2, location: 'Frankfurt', exists: true }
const RUNS: readonly (readonly PlannedCluster[])[] = [
  [SHARED, { name: 'one', net: 2, nodes: 2, location: 'Frankfurt', exists: true }],
  [SHARED, { name: 'two', net: 3, nodes: 2, location: 'Munich' }],
]
const ALL = [...new Set(RUNS.flat())]

/** What an administrator changes in the portal: descriptions, which no run sets on an object that is there. */
const PORTAL: readonly { readonly kind: Kind; readonly name: string }[] = [
  { kind: 'locations', name: 'Frankfurt' },
  { kind: 'locations', name: 'Munich' },
  { kind: 'firewallFilteringRules', name: 'VSE both' },
  { kind: 'firewallFilteringRules', name: 'Block QUIC' },
  { kind: 'ipSourceGroups', name: 'VSE one' },
]

interface Interleaving {
  /** Milliseconds after which each of the two runs begins. */
  readonly delays: readonly [number, number]
  readonly forks: number
  /** An administrator's saves: before the request of which number, and of what. */
  readonly saves: readonly { readonly at: number; readonly what: number }[]
}

const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  delays: fc.tuple(fc.nat(40_000), fc.nat(40_000)),
  forks: fc.integer({ min: 1, max: 4 }),
  saves: fc.array(fc.record({ at: fc.nat(90), what: fc.nat(PORTAL.length - 1) }), { maxLength: 6 }),
})

/** A run's reading or replacing of an object (`/locations/7`), or a save of the administrator's, in the order of time. */
type Seen =
  | { readonly by: number; readonly did: 'read' | 'replaced'; readonly path: string }
  | { readonly by: 'admin'; readonly what: number; readonly text: string }

/** Lets two runs and an administrator work on a tenant at once. */
async function play(
  { tenant, clock, open }: Direct,
  { delays, forks, saves }: Interleaving,
): Promise<readonly Seen[]> {
  const admin = tenant.administrator({ name: 'admin@acme.example' })
  const seen: Seen[] = []
  const due = saves.toSorted((a, b) => a.at - b.at)

  const leave = tenant.watch(async ({ number, moment }) => {
    if (moment !== 'arrived') return
    const now = due.filter(({ at }) => at <= number).length
    for (const { what } of due.splice(0, now)) await save(what)
  })
  async function save(what: number): Promise<void> {
    const { kind, name } = PORTAL[what] as (typeof PORTAL)[number]
    const text = `save ${seen.length}`
    const isThere = await admin.edit(kind, name, { description: text }).then(
      () => true,
      () => false,
    )
    // What nobody has made yet cannot be opened in the portal.
    if (isThere) seen.push({ by: 'admin', what, text })
  }

  await Promise.all(
    RUNS.map(async (clusters, by) => {
      await clock.sleep(delays[by] ?? 0)
      const session = await open({
        mark: createMark(),
        others: 'include',
        told(moment, request) {
          const [method, path = ''] = request.split(' ')
          if (moment === 'sent' || (method !== 'GET' && method !== 'PUT')) return
          seen.push({ by, did: method === 'GET' ? 'read' : 'replaced', path })
        },
      })
      await deploy(clusters, { session, clock, forks })
      await session.close()
    }),
  )
  leave()
  return seen
}

/**
 * Whether a save fell between a run's reading and its replacing of the same object. ZIA can be told to compare for rules
 * alone; everywhere else that moment is lost on it, and nobody can tell.
 */
function isLostOnZia(seen: readonly Seen[], save: number, path: string): boolean {
  if (path.startsWith('/firewallFilteringRules/')) return false
  return RUNS.some((_, by) => {
    const own = seen.map((one) => (one.by === by && 'path' in one && one.path === path ? one.did : undefined))
    const next = own.findIndex((did, index) => index > save && did !== undefined)
    return own[next] === 'replaced'
  })
}

async function readAll(direct: Direct): Promise<ZiaReader> {
  return (await direct.open()).reader({ signal: new AbortController().signal })
}

test(
  'two runs at once and an administrator lose no update, make nothing twice, and activate once each',
  { timeout: 60_000 },
  async () => {
    let kept = 0
    await fc.assert(
      fc.asyncProperty(interleavings, async (interleaving) => {
        await using direct = await openDirect()
        const { tenant, clock } = direct
        const seen = await play(direct, interleaving)
        // Each activates what is staged; where one has activated the other's last edit, there is nothing left to do.
        expect(tenant.counts.activations).toBeGreaterThan(0)
        expect(tenant.counts.activations).toBeLessThanOrEqual(RUNS.length)

        const reader = await readAll(direct)
        for (const kind of [
          'virtualZenNodes',
          'virtualZenClusters',
          'locations',
          'ipSourceGroups',
          'firewallFilteringRules',
        ] as const) {
          const names = (await reader.list(kind)).map(({ name }) => name)
          expect(names).toEqual([...new Set(names)])
        }
        for (const [what, { kind, name }] of PORTAL.entries()) {
          const last = seen.findLastIndex((one) => one.by === 'admin' && one.what === what)
          if (last === -1) continue
          const object = await reader.find(kind, name)
          if (isLostOnZia(seen, last, `/${kind}/${object?.id}`)) continue
          kept += 1
          expect(object).toHaveProperty('description', (seen[last] as { readonly text: string }).text)
        }
        const session = await direct.open()
        const left = await deploy(ALL, { session, clock, check: true })
        expect(left.filter(({ path }) => path !== 'status')).toEqual([])
      }),
      { numRuns: 200, seed: 20_261_122, endOnFailure: true },
    )
    expect(kept).toBeGreaterThan(200)
  },
)
