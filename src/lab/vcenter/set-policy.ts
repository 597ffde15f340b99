import type { SeedPolicy } from '../../model/lab-seed.ts'
import { faults } from './model/method-fault.ts'
import type { PolicySettings } from './model/state.ts'
import type { World } from './model/world.ts'
import { releaseChecks } from './reverse-path.ts'

/** Sets what is given of a policy on every port group of that name, at both places of a distributed one. */
export function setPolicy(
  world: World,
  name: string,
  { promiscuous, macChanges, forgedTransmits }: Partial<SeedPolicy>,
): void {
  const { inventory, changes } = world
  const settings: PolicySettings = {
    ...(promiscuous !== undefined && { allowPromiscuous: promiscuous }),
    ...(macChanges !== undefined && { macChanges }),
    ...(forgedTransmits !== undefined && { forgedTransmits }),
  }
  const standard = inventory.hosts.flatMap(({ state }) =>
    state.portGroups.filter((group) => group.name === name),
  )
  const distributed = inventory.state.distributed.filter((group) => group.name === name)
  if (standard.length + distributed.length === 0) throw faults.notFound()
  for (const group of standard) Object.assign(group.security, settings)
  for (const group of distributed) {
    Object.assign(group.security, settings)
    Object.assign(group.mac, settings)
    group.configVersion++
  }
  releaseChecks(world)
  inventory.save()
  changes.touch(...inventory.hosts.map(({ state }) => state.moid), ...distributed.map(({ moid }) => moid))
}
