import type { MoRef } from '../../connect/govmomi/schema/values.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { switchOn } from './switch-on.ts'

/** Milliseconds of the lab's time that a change of power takes. */
export const POWER_DURATION = 3000

/** Starts the task that switches a machine on: at the host asked for, or where the scheduler finds room. */
export function startPowerOn(
  world: World,
  vm: Vm,
  { userName, host }: { readonly userName: string; readonly host?: string | undefined },
): MoRef {
  return world.tasks.start(
    {
      entity: vm.ref,
      entityName: vm.state.name,
      description: 'VirtualMachine.powerOn',
      userName,
      duration: POWER_DURATION,
    },
    async ({ signal }) => {
      await switchOn(world, vm, { asked: host, signal })
      return undefined
    },
  )
}
