import type { MoRef, Value } from '../../connect/govmomi/schema/values.ts'
import { demandSpace, sizeOf } from './datastores.ts'
import { demandName } from './demand.ts'
import { chooseMac } from './identity.ts'
import { objectAt } from './json.ts'
import { isNic } from './machine.ts'
import { faults } from './model/method-fault.ts'
import type { DeviceState, VmState } from './model/state.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { choosePlacement } from './placement.ts'
import { reconfigure } from './reconfigure.ts'
import { switchOn } from './switch-on.ts'

/** A copy as it was asked for. */
export interface CloneOrder {
  readonly folder: MoRef
  readonly name: string
  readonly spec: Value<'VirtualMachineCloneSpec'>
  readonly signal: AbortSignal
}

/** Copies a machine or template, with new identities, and changed as the specification asks. */
export async function cloneVm(world: World, source: Vm, order: CloneOrder): Promise<MoRef> {
  const { location, config, template, powerOn } = order.spec
  const { folder, name } = order
  if (source.state.importing) throw faults.invalidState()
  if (template && powerOn) throw faults.invalidArgument('spec.powerOn')
  if (source.state.template && !template && location.pool === undefined)
    throw faults.invalidArgument('spec.location.pool')
  if (world.objects.get(folder.value)?.ref.type !== 'Folder') throw faults.objectNotFound(folder)
  demandName(world, { name, folder: folder.value })
  const datastore = datastoreOf(world, source.state, location.datastore)
  const draft = copyOf(source.state, { name, datastore, spec: order.spec })
  const place = choosePlacement(world, {
    name,
    pool: location.pool ?? { type: 'ResourcePool', value: source.state.pool },
    host: location.host,
    // A template is never switched on where it lies, and a specification may plug the cards in elsewhere.
    devices: template || location.deviceChange.length > 0 || config !== undefined ? [] : draft.devices,
  })
  demandSpace(world, draft, sizeOf({ ...draft, power: 'poweredOff' }))

  const vm = await world.vms.create({ name, folder: folder.value, ...place, datastore, importing: false })
  try {
    vm.update(withOwnAddresses(world, vm.state, draft))
    if (location.deviceChange.length > 0)
      vm.update(
        reconfigure(world, vm.state, { deviceChange: location.deviceChange, extraConfig: [] } as never),
      )
    if (config !== undefined) vm.update(reconfigure(world, vm.state, config))
    if (template) vm.update({ template })
    if (powerOn) await switchOn(world, vm, { signal: order.signal })
  } catch (error) {
    await world.vms.destroy(vm)
    throw error
  }
  return vm.ref
}

function datastoreOf({ inventory, seed }: World, { datastore }: VmState, asked: MoRef | undefined): string {
  if (asked === undefined) return datastore
  const found = seed.datastores.find(({ name }) => inventory.idOf('Datastore', name).value === asked.value)
  if (found === undefined) throw faults.objectNotFound(asked)
  return found.name
}

// What the copy takes over: everything but where it is, what it is called, and who it is.
function copyOf(
  source: VmState,
  { name, datastore, spec }: { readonly name: string; readonly datastore: string } & Pick<CloneOrder, 'spec'>,
): VmState {
  const { transform, disk: disks } = spec.location
  const from = `[${source.datastore}] ${source.name}/${source.name}`
  const devices = structuredClone(source.devices).map((device): DeviceState => {
    const backing = objectAt(device, 'backing')
    const file = backing['fileName']
    if (device.$type !== 'VirtualDisk' || typeof file !== 'string') return device
    return {
      ...device,
      backing: {
        ...backing,
        fileName: file.replace(from, `[${datastore}] ${name}/${name}`),
        ...thinnessOf(
          disks.find(({ diskId }) => diskId === device.key),
          transform,
        ),
      },
    }
  })
  return { ...structuredClone(source), name, datastore, devices, template: false, snapshots: 0 }
}

// A disk's own wish counts before the one for all of them.
function thinnessOf(
  locator: Value<'VirtualMachineRelocateSpecDiskLocator'> | undefined,
  transform: Value<'VirtualMachineRelocateSpec'>['transform'],
): { readonly thinProvisioned?: boolean } {
  const own: Partial<Value<'VirtualDiskFlatVer2BackingInfo'>> | undefined = locator?.diskBackingInfo
  if (own?.thinProvisioned !== undefined) return { thinProvisioned: own.thinProvisioned }
  return transform === undefined ? {} : { thinProvisioned: transform === 'sparse' }
}

function withOwnAddresses(world: World, made: VmState, draft: VmState): Partial<VmState> {
  const others = world.vms.all().flatMap(({ state }) => state.devices.map((each) => each['macAddress']))
  const taken = new Set(others)
  const { cpus, coresPerSocket, memoryMB, memoryReservationMB, memoryReservationLocked } = draft
  const { guestId, version, annotation, extraConfig } = draft
  return {
    cpus,
    coresPerSocket,
    memoryMB,
    memoryReservationMB,
    memoryReservationLocked,
    guestId,
    version,
    annotation,
    extraConfig,
    devices: draft.devices.map((device) =>
      isNic(device)
        ? {
            ...device,
            macAddress: chooseMac(`${made.instanceUuid}/${device.key}`, (mac) => taken.has(mac)),
          }
        : device,
    ),
  }
}
