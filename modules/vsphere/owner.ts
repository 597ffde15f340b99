import { IMPORT_MARK, type VSphereReader } from '#sdk'

import { markOf } from './stranger.ts'

type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

/** Why a machine may not be deleted, because no run has made it, and what to do about it; nothing where one has. */
export function explainOwner(
  machine: Pick<Machine, 'settings'>,
): { readonly message: string; readonly hint: string } | undefined {
  if (markOf(machine) !== undefined) return undefined
  return {
    message: 'no run has made it',
    hint: `delete it in the vSphere client, or hand it over by setting its advanced setting ${IMPORT_MARK} to done`,
  }
}
