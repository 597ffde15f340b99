import type { Value } from '../../connect/govmomi/schema/values.ts'
import { demandSpace, sizeOf } from './datastores.ts'
import { changeDevices, type DeviceRules } from './devices.ts'
import { objectAt, textAt } from './json.ts'
import { isNic } from './machine.ts'
import { isMember } from './membership.ts'
import { faults } from './model/method-fault.ts'
import type { VmState } from './model/state.ts'
import type { World } from './model/world.ts'
import { cardIdsOf, hardwareIdOf, NITROX } from './nitrox.ts'

type ConfigSpec = Value<'VirtualMachineConfigSpec'>

/** Gives a machine's state as a specification wants it, or throws why that cannot be. The state given is left alone. */
export function reconfigure(world: World, state: VmState, spec: ConfigSpec): VmState {
  const draft = structuredClone(state)
  if (spec.changeVersion !== undefined && spec.changeVersion !== changeVersionOf(state))
    throw faults.concurrentAccess()
  if (state.power === 'poweredOn') refuseWhileRunning(state, spec)
  if (state.template) refuseForTemplate(spec)
  if ((state.snapshots ?? 0) > 0) refuseGrowth(state, spec)

  if (spec.name !== undefined) draft.name = spec.name
  if (spec.annotation !== undefined) draft.annotation = spec.annotation
  if (spec.guestId !== undefined) draft.guestId = spec.guestId
  if (spec.version !== undefined) draft.version = spec.version
  if (spec.numCPUs !== undefined) draft.cpus = positive(spec.numCPUs, 'configSpec.numCPUs')
  if (spec.numCoresPerSocket !== undefined)
    draft.coresPerSocket = positive(spec.numCoresPerSocket, 'configSpec.numCoresPerSocket')
  if (spec.memoryMB !== undefined) draft.memoryMB = positive(Number(spec.memoryMB), 'configSpec.memoryMB')
  if (draft.memoryMB % 4 !== 0) throw faults.invalidArgument('configSpec.memoryMB')
  for (const { key, value } of spec.extraConfig) {
    if (typeof value !== 'string') throw faults.invalidArgument('configSpec.extraConfig')
    if (value === '') delete draft.extraConfig[key]
    else draft.extraConfig[key] = value
  }
  reserve(draft, spec)
  changeDevices(draft, spec.deviceChange, deviceRulesOf(world, draft))
  const growth = sizeOf(draft) - sizeOf(state)
  // A machine that is being imported or made fails later, with its lease or its copy.
  if (growth > 0 && world.vms.find(state.moid) !== undefined && !state.importing)
    demandSpace(world, state, growth)
  draft.changeVersion++
  return draft
}

/** What `changeVersion` of a specification has to be, where it is given. */
export function changeVersionOf(state: VmState): string {
  return `${state.instanceUuid.slice(0, 8)}-${state.changeVersion}`
}

function refuseWhileRunning(state: VmState, spec: ConfigSpec): void {
  const resized =
    (spec.numCPUs !== undefined && spec.numCPUs !== state.cpus) ||
    (spec.memoryMB !== undefined && Number(spec.memoryMB) !== state.memoryMB) ||
    (spec.memoryReservationLockedToMax !== undefined &&
      spec.memoryReservationLockedToMax !== state.memoryReservationLocked)
  const rewired = spec.deviceChange.some(
    ({ operation, device }) => operation !== 'edit' && device.$type === 'VirtualPCIPassthrough',
  )
  if (resized || rewired) throw faults.invalidPowerState('poweredOn', 'poweredOff')
}

// A template keeps its hardware: it has to be made a machine again first.
function refuseForTemplate(spec: ConfigSpec): void {
  const { changeVersion: _version, name: _name, annotation: _annotation, ...rest } = spec
  const isMore = Object.values(rest).some((value) => value !== undefined && !isEmptyList(value))
  if (isMore) throw faults.notSupported()
}

// What a snapshot has kept of a disk ends where the disk ended then.
function refuseGrowth({ devices }: VmState, { deviceChange }: ConfigSpec): void {
  const at = deviceChange.findIndex(({ operation, device }) => {
    const known = devices.find(({ key, $type }) => key === device.key && $type === 'VirtualDisk')
    const { capacityInKB } = device as typeof device & { readonly capacityInKB?: bigint }
    return operation === 'edit' && known !== undefined && Number(capacityInKB) > Number(known['capacityInKB'])
  })
  if (at >= 0) throw faults.invalidDevice(at)
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

function positive(value: number, argument: string): number {
  if (!Number.isSafeInteger(value) || value < 1) throw faults.invalidArgument(argument)
  return value
}

function reserve(draft: VmState, spec: ConfigSpec): void {
  const reservation = spec.memoryAllocation?.reservation
  if (reservation !== undefined) draft.memoryReservationMB = Number(reservation)
  if (spec.memoryReservationLockedToMax !== undefined)
    draft.memoryReservationLocked = spec.memoryReservationLockedToMax
  if (draft.memoryReservationLocked) draft.memoryReservationMB = draft.memoryMB
  if (draft.memoryReservationMB < 0 || draft.memoryReservationMB > draft.memoryMB)
    throw faults.invalidArgument('configSpec.memoryAllocation.reservation')
}

function deviceRulesOf(world: World, draft: VmState): DeviceRules {
  const { vms, inventory, seed } = world
  const host = inventory.hosts.find(({ state }) => state.moid === draft.host)
  return {
    isMacTaken: (mac) =>
      vms
        .all()
        .some(
          ({ state }) =>
            state.moid !== draft.moid &&
            state.devices.some((each) => isNic(each) && each['macAddress'] === mac),
        ),
    hasNetwork(backing) {
      if (backing['$type'] === 'VirtualEthernetCardNetworkBackingInfo')
        return host?.state.portGroups.some(({ name }) => name === backing['deviceName']) === true
      const key = textAt(objectAt(backing, 'port'), 'portgroupKey')
      const group = inventory.state.distributed.find((each) => each.key === key)
      return group !== undefined && host !== undefined && isMember(world, host, group.dvs)
    },
    hasPciDevice: (backing) =>
      host !== undefined &&
      cardIdsOf(host.seed).includes(textAt(backing, 'id')) &&
      backing['vendorId'] === NITROX.vendorId &&
      backing['systemId'] === hardwareIdOf(seed, host.seed.name),
  }
}
