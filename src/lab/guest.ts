import type { SeedPolicy } from '../model/lab-seed.ts'

/** A network card of a virtual machine, in the order of its adapters. */
export interface MachineNic {
  readonly mac: string
  /** Name of the port group it is plugged into. */
  readonly network: string
  readonly connected: boolean
}

/** The effective policy of a port group, and where its frames go. */
export interface WirePolicy extends SeedPolicy {
  /** Whether the host's teamed uplinks loop the machine's own multicast back to it. */
  readonly loops: boolean
  /** Who is in the same one hears it, whatever their port groups are called. */
  readonly vlan: number
}

/** What a guest can tell about the machine it runs on; asked afresh each time, because people reconfigure machines. */
export interface Machine {
  /** The VM's instance UUID: names the guest's disk. */
  readonly uuid: string
  readonly name: string
  cpus(): number
  memoryMB(): number
  nics(): readonly MachineNic[]
  /** PCI devices passed through, by vendor id: 0x177d is Cavium. */
  pciVendors(): readonly number[]
  /** What a port group does to the machine's frames. */
  policy(network: string): WirePolicy
}

/** One USB key event, as `PutUsbScanCodes` carries it. */
export interface GuestKey {
  /** HID usage id without the page: 0x04 is `a`. */
  readonly usage: number
  readonly shift: boolean
  readonly control: boolean
  readonly alt: boolean
}

/** What runs in a virtual machine of the lab. */
export interface Guest {
  /**
   * Switches the machine on. `resumed`: it was running all along and only this process is new, so it is up when the
   * promise resolves, without booting again. Otherwise it boots, and the promise resolves when that has begun.
   */
  powerOn(options: { readonly resumed: boolean }): Promise<void>
  /** Pulls the plug. */
  powerOff(): Promise<void>
  /** Takes keys from the virtual keyboard; returns how many it took. */
  type(keys: readonly GuestKey[]): number
  /** What the virtual screen shows, as a PNG. */
  screen(): Buffer
  /** Forgets everything the guest has on its disk: the VM was destroyed. */
  destroy(): Promise<void>
}

/** Makes the guest of a machine, with whatever an earlier process left on its disk. It starts powered off. */
export type CreateGuest = (machine: Machine) => Promise<Guest>
