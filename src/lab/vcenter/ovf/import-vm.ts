import { isSubtype } from '../../../connect/govmomi/schema/lookup.ts'
import type { MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import { freeBytesOf } from '../datastores.ts'
import { demandName } from '../demand.ts'
import { toJson } from '../json.ts'
import type { LeaseFile } from '../model/lease.ts'
import { faults, type MethodFault } from '../model/method-fault.ts'
import type { Session } from '../model/session.ts'
import type { DeviceState, VmState } from '../model/state.ts'
import type { World } from '../model/world.ts'
import { choosePlacement } from '../placement.ts'
import { reconfigure } from '../reconfigure.ts'
import { CONTROLLER_NAMES } from './spec-devices.ts'

/** An import as it was asked for. */
export interface ImportOrder {
  readonly spec: Value<'ImportSpec'>
  readonly pool: MoRef
  readonly folder: MoRef | undefined
  readonly host: MoRef | undefined
  readonly session: Session
}

/** Makes the machine of an import and the lease that waits for its files. */
export async function importVm(world: World, order: ImportOrder): Promise<MoRef> {
  if (order.spec.$type !== 'VirtualMachineImportSpec') throw faults.notSupported()
  const { configSpec } = order.spec as Value<'VirtualMachineImportSpec'>
  const name = configSpec.name ?? ''
  const folder = order.folder ?? (world.seed.kind === 'esxi' ? world.inventory.places.vmFolder : undefined)
  if (folder === undefined) throw faults.notSupported()
  if (world.objects.get(folder.value)?.ref.type !== 'Folder') throw faults.objectNotFound(folder)
  demandName(world, { name, folder: folder.value })
  const datastore = datastoreOf(world, configSpec.files?.vmPathName)
  const devices = configSpec.deviceChange.map(({ device }) => cardOf(device))
  const place = choosePlacement(world, { name, pool: order.pool, host: order.host, devices })

  const vm = await world.vms.create({ name, folder: folder.value, ...place, datastore, importing: true })
  try {
    vm.update(reconfigure(world, vm.state, configSpec))
  } catch (error) {
    await world.vms.destroy(vm)
    throw error
  }
  const options = { files: listFiles(vm.state), session: order.session, refusal: refusalOf(world, vm.state) }
  return world.leases.open(vm, options).ref
}

// Only cards matter for the choice of a host, and only that they are cards: they have no addresses yet.
function cardOf(device: Value<'VirtualDevice'>): DeviceState {
  const state = toJson(device) as DeviceState
  return isSubtype(state.$type, 'VirtualEthernetCard') ? { ...state, macAddress: '' } : state
}

// The machine is in the inventory and counted already: what is free is free beside it.
function refusalOf(world: World, { datastore, name }: VmState): MethodFault | undefined {
  if (freeBytesOf(world, datastore) >= 0) return undefined
  return faults.noDiskSpace(`[${datastore}] ${name}/${name}.vmdk`, datastore)
}

function datastoreOf(world: World, path = ''): string {
  const name = /^\[([^\]]*)\]/.exec(path)?.[1]
  const datastore = world.seed.datastores.find((each) => each.name === name)
  if (datastore === undefined) throw faults.invalidArgument('spec.configSpec.files.vmPathName')
  return datastore.name
}

function listFiles({ moid, name, devices }: VmState): readonly LeaseFile[] {
  return devices
    .filter(({ $type }) => $type === 'VirtualDisk')
    .map((disk, index) => ({
      key: `/${moid}/${nameOf(disk, devices)}`,
      importKey: `/${name}/${nameOf(disk, devices)}`,
      name: `disk-${index}.vmdk`,
      disk: true,
      checksumType: 'sha1',
      received: undefined,
    }))
}

// The same name that the import specification gave the file: by the kind of controller, its number, and the unit.
function nameOf(disk: DeviceState, devices: readonly DeviceState[]): string {
  const families = {
    scsi: 'VirtualSCSIController',
    ide: 'VirtualIDEController',
    sata: 'VirtualSATAController',
  } as const
  for (const kind of ['scsi', 'ide', 'sata'] as const) {
    const controllers = devices.filter(({ $type }) => isSubtype($type, families[kind]))
    const number = controllers.findIndex(({ key }) => key === disk['controllerKey'])
    if (number >= 0) return `${CONTROLLER_NAMES[kind]}${number}:${Number(disk['unitNumber'] ?? 0)}`
  }
  return `disk:${disk.key}`
}
