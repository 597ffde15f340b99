import type { Input } from '../../connect/govmomi/schema/values.ts'
import type { SeedHost, SeedVCenter } from '../../model/lab-seed.ts'
import { chooseUuid } from './identity.ts'

/** The SSL card that some hosts have; numbers are the PCI registry's. */
export const NITROX = { vendorId: 0x177d, deviceId: 0x0010 } as const

/** The bus that the first card of a host sits on; the others follow. */
const FIRST_BUS = 0x3b

const idOf = (bus: number): string => `0000:${bus.toString(16).padStart(2, '0')}:00.0`

/** The ids of a host's NITROX cards. */
export function cardIdsOf({ nitrox }: SeedHost): readonly string[] {
  return Array.from({ length: nitrox }, (_, index) => idOf(FIRST_BUS + index))
}

/** The system id of a host: what ties a passed-through device to it. */
export function hardwareIdOf(seed: SeedVCenter, host: string): string {
  return chooseUuid(`${seed.host}/hardware/${host}`, () => false)
}

/** A card as its host lists it. */
export function describeCard(id: string): Input<'HostPciDevice'> {
  return {
    id,
    classId: 0x0b40,
    bus: Number.parseInt(id.slice('0000:'.length), 16),
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
