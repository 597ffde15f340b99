import { ModuleError, type VSphereReader } from '#sdk'

import { refuseStranger } from './stranger.ts'

/** A virtual machine, as it was read. */
export type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

/** Which machine is meant. */
export interface Meant {
  /** Its inventory path. */
  readonly vm: string
  /** The networks of its adapters, by which one that no run has made is known to be meant; whose it is is not asked where empty. */
  readonly networks?: readonly string[] | undefined
}

/** The virtual machine at a path; nothing where there is none. Throws where somebody else's has taken the name. */
export async function findMachine(
  connection: VSphereReader,
  { vm, networks = [] }: Meant,
): Promise<Machine | undefined> {
  const machine = await connection.machine(vm)
  if (machine !== undefined) demandOurs(machine, networks)
  return machine
}

/** Throws where a machine is somebody else's, which is asked of its adapters only where networks are named. */
export function demandOurs(machine: Machine, networks: readonly string[]): void {
  if (networks.length > 0) refuseStranger(machine, networks)
}

/** The same, but throws where there is none. */
export async function readMachine(connection: VSphereReader, meant: Meant): Promise<Machine> {
  const machine = await findMachine(connection, meant)
  if (machine !== undefined) return machine
  throw new ModuleError(`there is no virtual machine at ${meant.vm}`, { hint: 'deploy it first' })
}

/**
 * Refuses a machine that runs and did not when it was read: nobody was asked whether it may be interrupted, and no guard has
 * looked at its neighbours.
 */
export function demandStillOff(
  facts: { readonly exists: false } | { readonly exists: true; readonly power: string },
  { name, power }: Machine,
): void {
  const wasOff = !facts.exists || facts.power === 'poweredOff'
  if (!wasOff || power === 'poweredOff') return
  throw new ModuleError(`${name} was off when it was looked at, and has been switched on meanwhile`, {
    hint: 'run again: what would be interrupted now is asked about then',
  })
}
