import type { Host } from './model/host.ts'
import type { World } from './model/world.ts'

/**
 * The uplinks of each switch of a host, by the switch's name: the first has those that the seed names, and every other as
 * many of its own, counted on from there. An uplink belongs to one switch alone.
 */
export function teamsOf(
  { inventory }: World,
  { seed: { uplinks } }: Host,
): ReadonlyMap<string, readonly string[]> {
  const last = Math.max(-1, ...uplinks.map((name) => Number(/\d+$/.exec(name)?.[0] ?? -1)))
  const [first = '', ...others] = [...inventory.standardSwitches, ...inventory.distributedSwitches]
  const more = others.map((name, index) => {
    const from = last + 1 + index * uplinks.length
    return [name, uplinks.map((_, place) => `vmnic${from + place}`)] as const
  })
  return new Map([[first, uplinks], ...more])
}
