import { ModuleError, type VSphereReader, type VSphereWriter } from '#sdk'

import { demandPrivilege } from './demand-privilege.ts'
import type { Machine } from './machine.ts'

/** The name of a machine's host, where that is not the one that is wanted; null where it is, or none is. */
export async function readAway(
  connection: VSphereReader,
  { host }: Machine,
  wanted: string | undefined,
): Promise<string | null> {
  if (wanted === undefined || host === undefined) return null
  const { name } = await connection.get('HostSystem', host, ['name'])
  return name === wanted ? null : name
}

/**
 * The machine as it will be on the host that is wanted: itself where it is there, or none is wanted. Throws, before anybody is
 * interrupted for it, where it cannot go there.
 */
export async function findSeat(
  connection: VSphereReader,
  machine: Machine,
  wanted: string | undefined,
): Promise<Machine> {
  const { name, host } = machine
  if (wanted === undefined || host === undefined) return machine
  const own = await connection.get('HostSystem', host, ['name', 'parent'])
  if (own.name === wanted || own.parent === undefined) return machine
  const way = { from: own.parent, via: [{ type: 'ComputeResource', path: 'host' }] } as const
  const paths = ['name', 'runtime.connectionState', 'runtime.inMaintenanceMode'] as const
  const hosts = await connection.list('HostSystem', way, paths)
  const there = hosts.find(({ values }) => values.name === wanted)
  if (there === undefined) {
    throw new ModuleError(`${name} is on ${own.name}, and cannot go from there to ${wanted}`, {
      hint: `both have to be in one compute cluster; it has ${hosts.map(({ values }) => values.name).join(', ')}`,
    })
  }
  const { 'runtime.connectionState': state, 'runtime.inMaintenanceMode': isInMaintenance } = there.values
  if (state !== 'connected' || isInMaintenance) {
    const why = state === 'connected' ? 'in maintenance' : state
    throw new ModuleError(`${name} is on ${own.name}, and ${wanted}, where it is to be, is ${why}`, {
      hint: 'bring that host back to work, and run again',
    })
  }
  await demandPrivilege(connection, machine, {
    privilege: 'Resource.ColdMigrate',
    what: `moving it to ${wanted}`,
    hint: 'grant it, or move the machine by hand, and run again',
  })
  return { ...machine, host: there.ref, consumedMB: 0 }
}

/** Moves a machine that is off to the host of its seat, where it is on another one; gives it as it is then. */
export async function takeSeat(
  connection: VSphereWriter,
  machine: Machine,
  { host }: Pick<Machine, 'host'>,
): Promise<Machine> {
  const { ref: self, name } = machine
  if (host === undefined || host.value === machine.host?.value) return machine
  const { name: there } = await connection.get('HostSystem', host, ['name'])
  await connection.runTask('RelocateVM_Task', {
    self,
    args: { spec: { host } },
    what: `moving ${name} to ${there}`,
  })
  return { ...machine, host }
}
