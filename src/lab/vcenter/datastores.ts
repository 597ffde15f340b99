import { objectAt } from './json.ts'
import { faults } from './model/method-fault.ts'
import type { DeviceState, VmState } from './model/state.ts'
import type { World } from './model/world.ts'

const GIGABYTE = 2 ** 30

/** What the file system takes for itself, and each machine for its own files. */
const OWN = { system: 2 * GIGABYTE, machine: GIGABYTE }

/** What is written to a thin disk of the lab's: next to nothing. */
const WRITTEN = 2 * GIGABYTE

const capacityOf = (disk: DeviceState): number => Number(disk['capacityInKB'] ?? 0) * 1024

const disksOf = ({ devices }: Pick<VmState, 'devices'>): readonly DeviceState[] =>
  devices.filter(({ $type }) => $type === 'VirtualDisk')

function takenBy(disk: DeviceState): number {
  const isThin = objectAt(disk, 'backing')['thinProvisioned'] === true
  return isThin ? Math.min(WRITTEN, capacityOf(disk)) : capacityOf(disk)
}

/** Bytes that a machine takes of its datastore; with its swap file while it runs. */
export function sizeOf(state: VmState): number {
  const disks = disksOf(state).reduce((sum, disk) => sum + takenBy(disk), 0)
  return OWN.machine + disks + (state.power === 'poweredOn' ? swapOf(state) : 0)
}

/** Bytes of the swap file: for the memory that is not reserved. */
export function swapOf({ memoryMB, memoryReservationMB }: VmState): number {
  return (memoryMB - memoryReservationMB) * 2 ** 20
}

/** Bytes that are free on a datastore. */
export function freeBytesOf({ seed, vms }: World, name: string): number {
  const capacityGB = seed.datastores.find((each) => each.name === name)?.capacityGB ?? 0
  const taken = vms
    .all()
    .filter(({ state }) => state.datastore === name)
    .reduce((sum, { state }) => sum + sizeOf(state), 0)
  return capacityGB * GIGABYTE - OWN.system - taken
}

/** Bytes that thin disks may still come to take. */
export function uncommittedBytesOf({ vms }: World, name: string): number {
  return vms
    .all()
    .filter(({ state }) => state.datastore === name)
    .flatMap(({ state }) => disksOf(state))
    .reduce((sum, disk) => sum + capacityOf(disk) - takenBy(disk), 0)
}

/** Throws `NoDiskSpace` where a machine that is about to take `bytes` more finds no room. */
export function demandSpace(
  world: World,
  { datastore, name }: Pick<VmState, 'datastore' | 'name'>,
  bytes: number,
): void {
  if (bytes > Math.max(0, freeBytesOf(world, datastore)))
    throw faults.noDiskSpace(`[${datastore}] ${name}/${name}.vmdk`, datastore)
}
