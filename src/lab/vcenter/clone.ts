import type { MoRef, Value } from '../../connect/govmomi/schema/values.ts'
import { demandName } from './demand.ts'
import { chooseMac } from './identity.ts'
import { isNic } from './machine.ts'
import { faults } from './model/method-fault.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { choosePlacement } from './placement.ts'
import { reconfigure } from './reconfigure.ts'

/** Copies a machine or template, with new identities, and changed as the specification asks. */
export async function cloneVm(
  world: World,
  source: Vm,
  order: { readonly folder: MoRef; readonly name: string; readonly spec: Value<'VirtualMachineCloneSpec'> },
): Promise<MoRef> {
  const { location, config, template, powerOn } = order.spec
  if (source.state.importing) throw faults.invalidState()
  if (source.state.template && !template && location.pool === undefined)
    throw faults.invalidArgument('spec.location.pool')
  demandName(world, { name: order.name, folder: order.folder.value })
  const { host, pool } = choosePlacement(world, {
    name: order.name,
    pool: location.pool ?? { type: 'ResourcePool', value: source.state.pool },
    host: location.host,
  })
  const vm = await world.vms.create({
    name: order.name,
    folder: order.folder.value,
    pool,
    host,
    datastore: source.state.datastore,
    importing: false,
  })
  const taken = new Set(
    world.vms.all().flatMap(({ state }) => state.devices.map((each) => each['macAddress'])),
  )
  const { cpus, coresPerSocket, memoryMB, guestId, version, annotation, extraConfig } = source.state
  vm.update({
    cpus,
    coresPerSocket,
    memoryMB,
    guestId,
    version,
    annotation,
    template,
    extraConfig: { ...extraConfig },
    devices: structuredClone(source.state.devices).map((device) =>
      isNic(device)
        ? {
            ...device,
            macAddress: chooseMac(`${vm.state.instanceUuid}/${device.key}`, (mac) => taken.has(mac)),
          }
        : device,
    ),
  })
  try {
    if (config !== undefined) vm.update(reconfigure(world, vm.state, config))
  } catch (error) {
    await world.vms.destroy(vm)
    throw error
  }
  if (powerOn) await vm.powerOn()
  return vm.ref
}
