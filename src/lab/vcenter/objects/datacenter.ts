import type { Input, MoRef } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import { MethodFault, faults, toLocalizedFault } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { startPowerOn } from '../power-on-task.ts'
import { entityProperties } from './entity.ts'
import { allNetworks } from './network.ts'

/** Milliseconds of the lab's time that finding hosts for machines takes. */
const DURATION = 1000

/** Makes the one datacenter. */
export function createDatacenter(
  world: World,
  { name, parent }: { readonly name: string; readonly parent: MoRef },
): ManagedObject {
  const { places, idOf } = world.inventory
  return {
    ref: places.datacenter,
    properties: {
      ...entityProperties(
        () => name,
        () => parent,
      ),
      vmFolder: () => places.vmFolder,
      hostFolder: () => places.hostFolder,
      datastoreFolder: () => places.datastoreFolder,
      networkFolder: () => places.networkFolder,
      datastore: () => world.seed.datastores.map((each) => idOf('Datastore', each.name)),
      network: () => allNetworks(world),
    },
    methods: {
      PowerOnMultiVM_Task: method(({ vm: refs }: { vm: readonly MoRef[] }, { session }): MoRef => {
        if (world.seed.kind === 'esxi') throw faults.notSupported()
        return world.tasks.start(
          {
            entity: places.datacenter,
            entityName: name,
            description: 'Datacenter.powerOnVm',
            userName: session.userName,
            duration: DURATION,
          },
          async () => powerOnAll(world, refs, session.userName),
        )
      }),
    },
  }
}

// Each machine has a task of its own, which may still fail; those that have none were not even tried.
function powerOnAll(
  world: World,
  refs: readonly MoRef[],
  userName: string,
): Input<'ClusterPowerOnVmResult'> & { readonly $type: 'ClusterPowerOnVmResult' } {
  const attempted: Input<'ClusterAttemptedVmInfo'>[] = []
  const notAttempted: Input<'ClusterNotAttemptedVmInfo'>[] = []
  for (const ref of refs) {
    try {
      const vm = world.vms.find(ref.value)
      if (vm === undefined) throw faults.objectNotFound(ref)
      attempted.push({ vm: ref, task: startPowerOn(world, vm, { userName }) })
    } catch (error) {
      if (!(error instanceof MethodFault)) throw error
      notAttempted.push({ vm: ref, fault: toLocalizedFault(error) })
    }
  }
  return { $type: 'ClusterPowerOnVmResult', attempted, notAttempted }
}
