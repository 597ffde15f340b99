import type { Input, MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import type { World } from '../model/world.ts'
import { importVm } from '../ovf/import-vm.ts'
import { childrenOf } from '../structure.ts'
import { entityProperties } from './entity.ts'

/** Makes a resource pool: where machines are imported into. */
export function createPool(
  world: World,
  { ref, name, parent }: { readonly ref: Ref<'ResourcePool'>; readonly name: string; readonly parent: MoRef },
): ManagedObject {
  const config = (): Input<'ResourceConfigSpec'> => {
    const allocation = { reservation: 0n, expandableReservation: true, limit: -1n }
    return { entity: ref, cpuAllocation: allocation, memoryAllocation: allocation }
  }
  return {
    ref,
    properties: {
      ...entityProperties(
        () => name,
        () => parent,
      ),
      summary: () => ({ name, config: config() }),
      owner: () => world.inventory.places.compute,
      resourcePool: () =>
        childrenOf(world, ref)
          .map((child) => child.ref)
          .filter(({ type }) => type === 'ResourcePool'),
      vm: () =>
        world.vms
          .all()
          .filter(({ state }) => state.pool === ref.value)
          .map((vm) => vm.ref),
      config,
    },
    methods: {
      ImportVApp: method(
        ({ spec, folder, host }: { spec: Value<'ImportSpec'>; folder?: MoRef; host?: MoRef }, { session }) =>
          importVm(world, { spec, pool: ref, folder, host, session }),
      ),
    },
  }
}
