import type { VSphereWriter } from '#sdk'

import { readMachine, type Machine } from './machine.ts'

/**
 * Gives a machine that is off the processors, the memory and the cards that it had when it last ran. False where it has no
 * others now. A disk that has grown, and adapters that were added, stay: they keep nothing from running.
 */
export async function giveBack(connection: VSphereWriter, had: Machine, vm: string): Promise<boolean> {
  const has = await readMachine(connection, { vm })
  const cards = has.cards.filter((card) => !had.cards.some(({ id }) => id === card.id))
  const isSized = has.cpus === had.cpus && has.memoryMB === had.memoryMB
  const isReserved = has.memoryLocked === had.memoryLocked && has.reservedMB === had.reservedMB
  if (isSized && isReserved && cards.length === 0) return false
  const compute = {
    numCPUs: had.cpus,
    numCoresPerSocket: had.coresPerSocket,
    memoryMB: BigInt(had.memoryMB),
  }
  // Where nothing was reserved, the user may have no right to reserve anything.
  const memory = {
    memoryAllocation: { reservation: BigInt(had.reservedMB) },
    memoryReservationLockedToMax: had.memoryLocked,
  }
  const deviceChange = has.devices
    .filter((device) => cards.some(({ key }) => key === device.key))
    .map((device) => ({ operation: 'remove', device }) as const)
  await connection.runTask('ReconfigVM_Task', {
    self: has.ref,
    args: { spec: { ...(isSized ? {} : compute), ...(isReserved ? {} : memory), deviceChange } },
    what: `giving back to ${vm} what it had`,
  })
  return true
}
