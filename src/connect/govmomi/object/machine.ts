import type { PropertyReader } from '../property.ts'
import type { MoRef, Value } from '../schema/values.ts'
import { devicesOf, narrow, type Device } from './device.ts'
import { toQuestion, type Question } from './question.ts'

/** A network card, in the order of the adapters. */
export interface MachineNic {
  readonly key: number
  /** Its model, such as `VirtualVmxnet3`. */
  readonly model: string
  readonly mac: string
  /** Name of the network; empty where it is plugged into none. */
  readonly network: string
  /** Whether it is connected at power-on, and also now where the machine runs. */
  readonly connected: boolean
}

/** A virtual disk. */
export interface MachineDisk {
  readonly key: number
  readonly capacityGB: number
  readonly thin: boolean
}

/** A host's PCI card that is passed through. */
export interface MachineCard {
  readonly key: number
  readonly id: string
  /** Signed, as in the API; 6013 is Cavium. */
  readonly vendorId: number
}

/** A virtual machine, as far as a deployment has to know it. */
export interface Machine {
  readonly ref: MoRef
  readonly name: string
  readonly instanceUuid: string
  readonly power: 'poweredOn' | 'poweredOff' | 'suspended'
  readonly annotation: string
  /** Advanced settings that are text, by key. */
  readonly settings: Readonly<Record<string, string>>
  readonly cpus: number
  readonly coresPerSocket: number
  readonly memoryMB: number
  /** What it takes of its host's memory now; 0 while it is off. */
  readonly consumedMB: number
  /** What is reserved of it. */
  readonly reservedMB: number
  /** Whether all memory is reserved, and stays so when it grows. */
  readonly memoryLocked: boolean
  /** Whether there are snapshots of it; none of its disks can grow then. */
  readonly hasSnapshots: boolean
  readonly disks: readonly MachineDisk[]
  readonly nics: readonly MachineNic[]
  readonly cards: readonly MachineCard[]
  /** The host it runs on or is registered at. */
  readonly host: MoRef | undefined
  /** What it asks before it goes on; nothing where it does not. */
  readonly question: Question | undefined
  /** Whether its guest listens to the hypervisor, so that it can be asked to shut down. */
  readonly hasTools: boolean
  /** As they are, to be edited. */
  readonly devices: readonly Device[]
}

const PATHS = [
  'name',
  'runtime.powerState',
  'runtime.host',
  'runtime.question',
  'config.instanceUuid',
  'config.annotation',
  'config.extraConfig',
  'config.hardware',
  'config.memoryAllocation',
  'config.memoryReservationLockedToMax',
  'rootSnapshot',
  'summary.quickStats.hostMemoryUsage',
  'guest.toolsStatus',
] as const

const GB = 1024 ** 2

function networkOf(nic: Device, names: ReadonlyMap<string, string>): string {
  const standard = narrow(nic.backing, 'VirtualEthernetCardNetworkBackingInfo')
  if (standard !== undefined) return standard.deviceName
  const key = narrow(nic.backing, 'VirtualEthernetCardDistributedVirtualPortBackingInfo')?.port.portgroupKey
  return key === undefined ? '' : (names.get(key) ?? key)
}

// While a machine is off or suspended, none of its cards is connected, and only what happens at power-on tells.
function isConnected({ connectable }: Value<'VirtualEthernetCard'>, power: Machine['power']): boolean {
  if (connectable === undefined) return true
  return connectable.startConnected && (power !== 'poweredOn' || connectable.connected)
}

function toNic(
  nic: Value<'VirtualEthernetCard'>,
  { names, power }: { readonly names: ReadonlyMap<string, string>; readonly power: Machine['power'] },
): MachineNic {
  return {
    key: nic.key,
    model: nic.$type ?? '',
    mac: nic.macAddress ?? '',
    network: networkOf(nic, names),
    connected: isConnected(nic, power),
  }
}

function toDisk(disk: Value<'VirtualDisk'>): MachineDisk {
  const backing = narrow(disk.backing, 'VirtualDiskFlatVer2BackingInfo')
  return {
    key: disk.key,
    capacityGB: Number(disk.capacityInKB) / GB,
    thin: backing?.thinProvisioned ?? false,
  }
}

function toCards(devices: readonly Device[]): readonly MachineCard[] {
  return devicesOf(devices, 'VirtualPCIPassthrough').flatMap(({ key, backing }) => {
    const card = narrow(backing, 'VirtualPCIPassthroughDeviceBackingInfo')
    return card === undefined ? [] : [{ key, id: card.id, vendorId: card.vendorId }]
  })
}

// A card on a distributed switch knows its port group only by key; the names have to be asked for.
async function readPortGroupNames(
  properties: PropertyReader,
  { ref, devices }: { readonly ref: MoRef; readonly devices: readonly Device[] },
): Promise<ReadonlyMap<string, string>> {
  const isDistributed = devices.some(
    ({ backing }) => narrow(backing, 'VirtualEthernetCardDistributedVirtualPortBackingInfo') !== undefined,
  )
  if (!isDistributed) return new Map()
  const way = { from: ref, via: [{ type: 'VirtualMachine', path: 'network' }] } as const
  const groups = await properties.list('DistributedVirtualPortgroup', way, ['key', 'name'])
  return new Map(groups.map(({ values }) => [values.key, values.name]))
}

/** Reads a virtual machine in one round trip, or two where it is on a distributed switch. */
export async function readMachine(properties: PropertyReader, ref: MoRef): Promise<Machine> {
  const values = await properties.get('VirtualMachine', ref, PATHS)
  const hardware = values['config.hardware']
  const devices = hardware?.device ?? []
  const names = await readPortGroupNames(properties, { ref, devices })
  const power = values['runtime.powerState']
  const settings = (values['config.extraConfig'] ?? []).flatMap(({ key, value }) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  )
  return {
    ref,
    name: values.name,
    instanceUuid: values['config.instanceUuid'] ?? '',
    power,
    annotation: values['config.annotation'] ?? '',
    settings: Object.fromEntries(settings),
    cpus: hardware?.numCPU ?? 0,
    coresPerSocket: hardware?.numCoresPerSocket ?? 1,
    memoryMB: hardware?.memoryMB ?? 0,
    consumedMB: values['summary.quickStats.hostMemoryUsage'] ?? 0,
    reservedMB: Number(values['config.memoryAllocation']?.reservation ?? 0n),
    memoryLocked: values['config.memoryReservationLockedToMax'] ?? false,
    hasSnapshots: values.rootSnapshot.length > 0,
    disks: devicesOf(devices, 'VirtualDisk').map(toDisk),
    nics: devicesOf(devices, 'VirtualEthernetCard').map((nic) => toNic(nic, { names, power })),
    cards: toCards(devices),
    host: values['runtime.host'],
    question: toQuestion(values['runtime.question']),
    hasTools: values['guest.toolsStatus'] === 'toolsOk' || values['guest.toolsStatus'] === 'toolsOld',
    devices,
  }
}
