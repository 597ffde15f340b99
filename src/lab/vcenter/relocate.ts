import type { Value } from '../../connect/govmomi/schema/values.ts'
import { pciIdsOf } from './admission.ts'
import { faults } from './model/method-fault.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { choosePlacement } from './placement.ts'

/** Moves a machine to another host, running or not. Its files stay where they are: all hosts reach all datastores here. */
export function relocate(
  world: World,
  vm: Vm,
  { host, pool, ...more }: Value<'VirtualMachineRelocateSpec'>,
): void {
  const isMore = Object.values(more).some((value) => Array.isArray(value) && value.length > 0)
  if (world.seed.kind === 'esxi' || host === undefined || more.datastore !== undefined || isMore)
    throw faults.notSupported()
  const { state } = vm
  // What it has of its host cannot come with it.
  const [card] = pciIdsOf(state)
  if (card !== undefined) throw faults.vmConfig(`Device ${card} is passed through, and cannot be migrated.`)
  const { name, devices } = state
  const into = pool ?? ({ type: 'ResourcePool', value: state.pool } as const)
  vm.update(choosePlacement(world, { name, devices, host, pool: into }))
}
