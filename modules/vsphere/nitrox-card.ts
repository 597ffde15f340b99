/** Cavium, the maker of NITROX cards, as the PCI registry numbers it. */
export const CAVIUM = 0x177d

/** A PCI device of a host, its numbers signed and of 16 bits, as the API writes them. */
interface PciDevice {
  readonly vendorId: number
  readonly classId: number
}

/**
 * The classes that a host itself may live on: storage, network, bridges, the system's own devices, serial buses. The makers of
 * SSL cards make some of these, too, and a host that gives its uplink away is cut off.
 */
const HOSTS_OWN: ReadonlySet<number> = new Set([0x01, 0x02, 0x06, 0x08, 0x0c])

/** Whether a device of a host is an SSL card of that vendor, and nothing that the host needs for itself. */
export function isCardOf(vendor: number, { vendorId, classId }: PciDevice): boolean {
  return (vendorId & 0xffff) === vendor && !HOSTS_OWN.has((classId >> 8) & 0xff)
}
