import type { Guest } from '../../guest.ts'
import type { Ref } from './managed-object.ts'
import type { VmState } from './state.ts'

/** A virtual machine with what runs in it. */
export interface Vm {
  readonly ref: Ref<'VirtualMachine'>
  readonly state: VmState
  /** What runs in it; none before the machine was first switched on. */
  readonly guest: Guest | undefined
  /** Takes over a changed state, tells who waits, and puts it on disk. */
  update(state: Partial<VmState>): void
  powerOn(): Promise<void>
  powerOff(): Promise<void>
}

/** The virtual machines. */
export interface Vms {
  all(): readonly Vm[]
  find(moid: string): Vm | undefined
  /** Makes a machine without hardware. Throws `DuplicateName` where the folder has one of that name, or is to get it. */
  create(spec: VmPlacement): Promise<Vm>
  /** Removes a machine, its guest's disk, and its document. */
  destroy(vm: Vm): Promise<void>
  /** Opens the machines of an earlier process; those that were running run on. */
  resume(): Promise<void>
}

/** Where a machine is made. */
export interface VmPlacement {
  readonly name: string
  readonly folder: string
  readonly pool: string
  readonly host: string
  readonly datastore: string
  readonly importing: boolean
}
