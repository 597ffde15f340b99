import type { Input } from '../../connect/govmomi/schema/values.ts'
import type { SeedVCenter } from '../../model/lab-seed.ts'
import { chooseUuid } from './identity.ts'

/** The SSL card that some hosts have; numbers are the PCI registry's. */
export const NITROX = { vendorId: 0x177d, deviceId: 0x0010 } as const

/** Where the NITROX card sits. */
export const NITROX_ID = '0000:3b:00.0'

/** The system id of a host: what ties a passed-through device to it. */
export function hardwareIdOf(seed: SeedVCenter, host: string): string {
  return chooseUuid(`${seed.host}/hardware/${host}`, () => false)
}

/** The card as a host lists it. */
export function describeNitrox(): Input<'HostPciDevice'> {
  return {
    id: NITROX_ID,
    classId: 0x0b40,
    bus: 0x3b,
    slot: 0,
    function: 0,
    vendorId: NITROX.vendorId,
    subVendorId: NITROX.vendorId,
    vendorName: 'Cavium, Inc.',
    deviceId: NITROX.deviceId,
    subDeviceId: 1,
    parentBridge: '0000:3a:00.0',
    deviceName: 'Nitrox XL NPX',
  }
}
