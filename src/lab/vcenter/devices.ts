import { isSubtype } from '../../connect/govmomi/schema/lookup.ts'
import type { Value } from '../../connect/govmomi/schema/values.ts'
import type { Json } from '../../model/change.ts'
import { chooseMac } from './identity.ts'
import { objectAt, textAt, toJson, type JsonObject } from './json.ts'
import { faults } from './model/method-fault.ts'
import type { DeviceState, VmState } from './model/state.ts'

/** What a change of devices may look at beside the machine itself. */
export interface DeviceRules {
  isMacTaken(mac: string): boolean
  /** Whether a network card may be plugged in there. */
  hasNetwork(backing: JsonObject): boolean
  /** Whether the machine's host has that PCI device. */
  hasPciDevice(backing: JsonObject): boolean
}

const device = ($type: string, key: number, rest: Record<string, Json> = {}): DeviceState => ({
  $type,
  key,
  ...rest,
})

const describe = (label: string, summary = label): Json => ({ label, summary })

/** The devices that every virtual machine has. */
export function createBaseDevices(): DeviceState[] {
  return [
    device('VirtualIDEController', 200, { deviceInfo: describe('IDE 0'), busNumber: 0 }),
    device('VirtualIDEController', 201, { deviceInfo: describe('IDE 1'), busNumber: 1 }),
    device('VirtualPS2Controller', 300, { deviceInfo: describe('PS2 controller 0'), busNumber: 0 }),
    device('VirtualPCIController', 100, { deviceInfo: describe('PCI controller 0'), busNumber: 0 }),
    device('VirtualSIOController', 400, { deviceInfo: describe('SIO controller 0'), busNumber: 0 }),
    device('VirtualKeyboard', 600, { deviceInfo: describe('Keyboard'), controllerKey: 300, unitNumber: 0 }),
    device('VirtualMachineVideoCard', 500, {
      deviceInfo: describe('Video card'),
      controllerKey: 100,
      unitNumber: 0,
      videoRamSizeInKB: 4096,
    }),
  ]
}

/** First key of each family; the next free one above it is taken. */
const FIRST_KEYS = [
  ['VirtualSCSIController', 1000],
  ['VirtualSATAController', 15_000],
  ['VirtualIDEController', 200],
  ['VirtualDisk', 2000],
  ['VirtualEthernetCard', 4000],
  ['VirtualPCIPassthrough', 13_000],
  ['VirtualCdrom', 3000],
  ['VirtualFloppy', 8000],
  ['VirtualSerialPort', 9000],
  ['VirtualUSBController', 7000],
] as const

/** Applies the device changes of a specification to a draft of a machine. Throws the fault of the first that cannot be. */
export function changeDevices(
  draft: VmState,
  changes: Value<'VirtualMachineConfigSpec'>['deviceChange'],
  rules: DeviceRules,
): void {
  const renamed = new Map<number, number>()
  for (const [index, { operation, device: wanted }] of changes.entries()) {
    const given = toJson(wanted) as DeviceState
    const refuse = (): never => {
      throw faults.invalidDevice(index)
    }
    if (operation === 'add') {
      const added = addDevice(draft, given, { rules, renamed }) ?? refuse()
      renamed.set(given.key, added.key)
    } else if (operation === 'edit') {
      if (!editDevice(draft, given, rules)) refuse()
    } else if (operation === 'remove') {
      const at = draft.devices.findIndex(({ key }) => key === given.key)
      if (at < 0) refuse()
      draft.devices.splice(at, 1)
    } else refuse()
  }
}

function addDevice(
  draft: VmState,
  given: DeviceState,
  { rules, renamed }: { readonly rules: DeviceRules; readonly renamed: ReadonlyMap<number, number> },
): DeviceState | undefined {
  const family = FIRST_KEYS.find(([type]) => isSubtype(given.$type, type))
  if (family === undefined) return undefined
  const [type, first] = family
  let key: number = first
  while (draft.devices.some((each) => each.key === key)) key++
  const number = key - first + 1
  const parent = given['controllerKey']
  const added: DeviceState = { ...given, key }
  if (typeof parent === 'number') added['controllerKey'] = renamed.get(parent) ?? parent

  if (type === 'VirtualEthernetCard') {
    if (!plugIn(draft, added, rules)) return undefined
    added['deviceInfo'] = describe(`Network adapter ${number}`)
    added['controllerKey'] = 100
    added['unitNumber'] = 6 + number
  } else if (type === 'VirtualDisk') {
    if (!sizeDisk(added)) return undefined
    added['deviceInfo'] = describe(`Hard disk ${number}`, `${Number(added['capacityInKB'])} KB`)
    const suffix = number === 1 ? '' : `_${number - 1}`
    const fileName = `[${draft.datastore}] ${draft.name}/${draft.name}${suffix}.vmdk`
    added['backing'] = { ...objectAt(added, 'backing'), fileName }
  } else if (type === 'VirtualPCIPassthrough') {
    if (!rules.hasPciDevice(objectAt(added, 'backing'))) return undefined
    added['deviceInfo'] = describe(`PCI device ${number - 1}`)
  }
  draft.devices.push(added)
  return added
}

function plugIn(draft: VmState, card: DeviceState, rules: DeviceRules): boolean {
  if (!rules.hasNetwork(objectAt(card, 'backing'))) return false
  const isTaken = (mac: string): boolean =>
    rules.isMacTaken(mac) || draft.devices.some((each) => each['macAddress'] === mac)
  if (textAt(card, 'macAddress') === '') {
    card['macAddress'] = chooseMac(`${draft.instanceUuid}/${card.key}`, isTaken)
    card['addressType'] = 'assigned'
  }
  card['connectable'] ??= { startConnected: true, allowGuestControl: true, connected: true, status: 'ok' }
  return true
}

function editDevice(draft: VmState, given: DeviceState, rules: DeviceRules): boolean {
  const at = draft.devices.findIndex(({ key }) => key === given.key)
  const before = draft.devices[at]
  if (before === undefined || before.$type !== given.$type) return false
  const after: DeviceState = { ...before, ...given }
  if (isSubtype(given.$type, 'VirtualDisk')) {
    if (!sizeDisk(after) || Number(after['capacityInKB']) < Number(before['capacityInKB'])) return false
  } else if (isSubtype(given.$type, 'VirtualEthernetCard')) {
    if (!plugIn(draft, after, rules)) return false
  }
  draft.devices[at] = after
  return true
}

// Both numbers say the same; the one in bytes counts where it is there and the other was not changed with it.
function sizeDisk(disk: DeviceState): boolean {
  const size = Number(disk['capacityInKB'])
  if (!Number.isSafeInteger(size) || size <= 0) return false
  disk['capacityInBytes'] = size * 1024
  return true
}
