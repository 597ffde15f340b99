import type { Machine, MachineNic } from '../guest.ts'
import { objectAt, textAt } from './json.ts'
import type { Inventory } from './model/inventory.ts'
import type { DeviceState, VmState } from './model/state.ts'
import { effectivePolicy } from './policy.ts'

/** What a guest sees of its virtual machine; always as the machine is configured now. */
export function createMachine(state: VmState, inventory: Inventory): Machine {
  return {
    uuid: state.instanceUuid,
    get name() {
      return state.name
    },
    cpus: () => state.cpus,
    memoryMB: () => state.memoryMB,
    nics: () => state.devices.filter(isNic).map((device) => toNic(device, inventory)),
    pciVendors: () =>
      state.devices
        .filter(({ $type }) => $type === 'VirtualPCIPassthrough')
        .map((device) => Number(objectAt(device, 'backing')['vendorId'])),
    policy: (network) => effectivePolicy(inventory, { host: state.host, network }),
  }
}

/** Whether a device is a network card: the only ones with a MAC address. */
export function isNic(device: DeviceState): boolean {
  return 'macAddress' in device
}

/** The name of the network that a card is plugged into; empty where it is gone. */
export function networkNameOf(device: DeviceState, inventory: Inventory): string {
  const backing = objectAt(device, 'backing')
  if (backing['$type'] === 'VirtualEthernetCardNetworkBackingInfo') return textAt(backing, 'deviceName')
  const key = textAt(objectAt(backing, 'port'), 'portgroupKey')
  return inventory.state.distributed.find((group) => group.key === key)?.name ?? ''
}

function toNic(device: DeviceState, inventory: Inventory): MachineNic {
  return {
    mac: textAt(device, 'macAddress'),
    network: networkNameOf(device, inventory),
    connected: objectAt(device, 'connectable')['connected'] !== false,
  }
}
