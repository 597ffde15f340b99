import type { Input, MoRef } from '../../../connect/govmomi/schema/values.ts'
import type { World } from '../model/world.ts'
import { switchUuidOf } from '../seed-inventory.ts'
import type { OvfAdapter, OvfController, OvfDisk } from './descriptor.ts'

type DeviceChange = Input<'VirtualDeviceConfigSpec'>
type Device = DeviceChange['device']

/** How the blocks of a disk are taken. */
export interface Provisioning {
  readonly thin: boolean
  readonly eager: boolean
}

/** What a kind of controller is called in the names of devices. */
export const CONTROLLER_NAMES = {
  scsi: 'VirtualLsiLogicController',
  ide: 'VirtualIDEController',
  sata: 'VirtualAHCIController',
} as const satisfies Record<OvfController['kind'], string>

const CARDS: Readonly<Record<string, string>> = {
  e1000: 'VirtualE1000',
  e1000e: 'VirtualE1000e',
  vmxnet3: 'VirtualVmxnet3',
  pcnet32: 'VirtualPCNet32',
}

/** Adds a disk controller. */
export function addController(
  controller: OvfController & { readonly key: number },
  index: number,
): DeviceChange {
  const scsi = controller.kind === 'scsi'
  const types: Readonly<Record<string, string>> = {
    lsilogic: 'VirtualLsiLogicController',
    lsilogicsas: 'VirtualLsiLogicSASController',
    virtualscsi: 'ParaVirtualSCSIController',
    buslogic: 'VirtualBusLogicController',
  }
  return {
    operation: 'add',
    device: {
      $type: scsi
        ? (types[controller.subtype.toLowerCase()] ?? 'VirtualLsiLogicController')
        : 'VirtualAHCIController',
      key: controller.key,
      busNumber: index,
      ...(scsi && { sharedBus: 'noSharing' }),
    } as Device,
  }
}

/** Adds an empty disk that the import fills. */
export function addDisk(
  disk: OvfDisk,
  place: {
    readonly key: number
    readonly controllerKey: number
    readonly provisioning: Provisioning
  },
): DeviceChange {
  return {
    operation: 'add',
    fileOperation: 'create',
    device: {
      $type: 'VirtualDisk',
      key: place.key,
      backing: {
        $type: 'VirtualDiskFlatVer2BackingInfo',
        fileName: '',
        diskMode: 'persistent',
        thinProvisioned: place.provisioning.thin,
        eagerlyScrub: place.provisioning.eager,
      },
      controllerKey: place.controllerKey,
      unitNumber: disk.unit,
      capacityInKB: BigInt(Math.ceil(disk.capacityBytes / 1024)),
    } as Device,
  }
}

/** Adds a network card. */
export function addCard(
  { name, subtype, network }: OvfAdapter,
  key: number,
  backing: Device['backing'],
): DeviceChange {
  return {
    operation: 'add',
    device: {
      $type: CARDS[subtype.toLowerCase()] ?? 'VirtualE1000',
      key,
      deviceInfo: { label: name, summary: network },
      backing,
      connectable: { startConnected: true, allowGuestControl: true, connected: true },
      addressType: 'generated',
    } as Device,
  }
}

/** What a card is plugged into: a port group of the host's, or one of a distributed switch. */
export function describeBacking(world: World, network: MoRef | undefined): Device['backing'] {
  const { distributed } = world.inventory.state
  const group = distributed.find(({ moid }) => moid === network?.value)
  if (group !== undefined)
    return {
      $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
      port: { switchUuid: switchUuidOf(world.seed, group.dvs), portgroupKey: group.key },
    } as Device['backing']
  return {
    $type: 'VirtualEthernetCardNetworkBackingInfo',
    deviceName: network === undefined ? '' : nameOf(world, network),
    network,
  } as Device['backing']
}

/** Controllers by what devices are named after: kind and number among its kind, such as `VirtualLsiLogicController0`. */
export function numberControllers(controllers: readonly OvfController[]): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  return new Map(
    controllers.map(({ id, kind }) => {
      const number = counts.get(kind) ?? 0
      counts.set(kind, number + 1)
      return [id, `${CONTROLLER_NAMES[kind]}${number}`]
    }),
  )
}

/** The name of an entity. */
export const nameOf = (world: World, ref: MoRef): string =>
  String(world.objects.get(ref.value)?.properties['name']?.())
