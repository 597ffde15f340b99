import type { Host } from './model/host.ts'
import type { World } from './model/world.ts'

/** Whether a host is a member of a distributed switch: all are, unless the seed names those that are. */
export function isMember({ seed }: World, { seed: { name } }: Host, dvs: string): boolean {
  const named = seed.networks.filter((network) => network.kind === 'distributed' && network.switch === dvs)
  return named.every(({ hosts }) => hosts === undefined || hosts.includes(name))
}

/** Whether a host has a standard switch: every one has the first, and all others where the seed does not name those that have. */
export function hasSwitch({ seed, inventory }: World, { seed: { name } }: Host, vswitch: string): boolean {
  const named = seed.networks.filter((network) => network.kind === 'standard' && network.switch === vswitch)
  return (
    inventory.standardSwitches[0] === vswitch ||
    named.some(({ hosts }) => hosts === undefined || hosts.includes(name))
  )
}

/** Whether machines on a host can be plugged into the network of that name. */
export function hasNetwork(world: World, host: Host, name: string): boolean {
  if (host.state.portGroups.some((group) => group.name === name)) return true
  const group = world.inventory.state.distributed.find((each) => each.name === name)
  return group !== undefined && isMember(world, host, group.dvs)
}
