import { CommandError, ConnectError, ModuleError, type VSphereReader } from '#sdk'

import type { Machine } from './machine.ts'

/** A privilege, and what to do without it. */
export interface Demand {
  /** Such as `Resource.ColdMigrate`. */
  readonly privilege: string
  /** What it is for: `moving it to esx-1`. */
  readonly what: string
  readonly hint: string
}

/**
 * Refuses a change of a machine that the user may not make, before anybody is interrupted for it. Where the server does not tell
 * who may do what, the change itself shows it.
 */
export async function demandPrivilege(
  connection: VSphereReader,
  { ref: entity, name }: Pick<Machine, 'ref' | 'name'>,
  { privilege, what, hint }: Demand,
): Promise<void> {
  if (!(await isLacking(connection, { entity, privileges: [privilege] }))) return
  throw new ModuleError(`the user lacks the privilege ${privilege} on ${name}, which ${what} needs`, { hint })
}

async function isLacking(
  connection: VSphereReader,
  wanted: Parameters<VSphereReader['missingPrivileges']>[0][number],
): Promise<boolean> {
  try {
    return (await connection.missingPrivileges([wanted])).length > 0
  } catch (error) {
    if (error instanceof CommandError || error instanceof ConnectError) return false
    throw error
  }
}
