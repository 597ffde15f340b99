import { ModuleError, type VSphereReader } from '#sdk'

import type { Machine } from './machine.ts'
import type { Privilege } from './preflight/privileges.ts'
import { readLacking } from './read-lacking.ts'

/** A privilege, and what to do without it. */
export interface Demand {
  /** Such as `Resource.ColdMigrate`. One that preflight asks for, too: nobody should get as far as here without it. */
  readonly privilege: Privilege
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
  const lacking = await readLacking(connection, [{ entity, privileges: [privilege] }])
  if (lacking === null || lacking.length === 0) return
  throw new ModuleError(`the user lacks the privilege ${privilege} on ${name}, which ${what} needs`, { hint })
}
