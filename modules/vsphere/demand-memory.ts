import { ModuleError, type VSphereReader } from '#sdk'

type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>
type MoRef = Machine['ref']

/** What a machine takes of its host once it is on, all of it reserved. */
export interface MemoryDemand {
  /** Its own memory, as it will be. */
  readonly memoryMB: number
  /** What the host needs beside that, for the driver of a card. */
  readonly cardMB?: number | undefined
}

/** What of a machine has to be read to know what it holds back. */
export const HELD_BACK_PATHS = [
  'runtime.powerState',
  'summary.config.memoryReservation',
  'summary.quickStats.hostMemoryUsage',
] as const

type HeldBackValues = Partial<Record<(typeof HELD_BACK_PATHS)[number], string | number | undefined>>

/** MB that a machine has reserved on its host and does not use yet: as good as taken, for it may ask for them at any time. */
export function heldBackMB(values: HeldBackValues): number {
  if (values['runtime.powerState'] !== 'poweredOn') return 0
  const used = Number(values['summary.quickStats.hostMemoryUsage'] ?? 0)
  return Math.max(0, Number(values['summary.config.memoryReservation'] ?? 0) - used)
}

async function readHeldBack(connection: VSphereReader, host: MoRef, except: MoRef): Promise<number> {
  const way = { from: host, via: [{ type: 'HostSystem', path: 'vm' }] } as const
  const machines = await connection.list('VirtualMachine', way, HELD_BACK_PATHS)
  return machines
    .filter(({ ref }) => ref.value !== except.value)
    .reduce((sum, { values }) => sum + heldBackMB(values), 0)
}

/**
 * Refuses a host that has too little memory left for a machine whose memory is all reserved. Call it while the machine still
 * runs: what it uses now counts as free. Only for one that stays on its host; another may be switched on elsewhere.
 */
export async function demandMemory(
  connection: VSphereReader,
  machine: Machine,
  { memoryMB, cardMB = 0 }: MemoryDemand,
): Promise<void> {
  const { host, name, consumedMB } = machine
  if (host === undefined) return
  const [values, heldBack] = await Promise.all([
    connection.get('HostSystem', host, [
      'name',
      'hardware.memorySize',
      'summary.quickStats.overallMemoryUsage',
    ]),
    readHeldBack(connection, host, machine.ref),
  ])
  const size = Number((values['hardware.memorySize'] ?? 0n) / 1024n ** 2n)
  const free = size - (values['summary.quickStats.overallMemoryUsage'] ?? 0) + consumedMB - heldBack
  const needed = memoryMB + cardMB
  if (free >= needed) return
  const parts = cardMB === 0 ? '' : `: its own, and ${cardMB / 1024} GB for the card`
  const reserved =
    heldBack === 0 ? '' : `, without the ${Math.ceil(heldBack / 1024)} GB that others have reserved`
  throw new ModuleError(
    `${values.name} has ${Math.floor(free / 1024)} GB of memory free${reserved}, and ${name} needs ${needed / 1024} GB${parts}`,
    { hint: 'move other machines away from the host, or add memory to it' },
  )
}
