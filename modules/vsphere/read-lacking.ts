import { CommandError, ConnectError, type VSphereReader } from '#sdk'

type Privileges = Parameters<VSphereReader['missingPrivileges']>[0][number]

/**
 * The privileges that the user lacks; null where nobody can tell. Not every server tells, and an older one does not know every
 * privilege: nothing that stops a deployment, whose change itself shows it.
 */
export async function readLacking(
  connection: VSphereReader,
  wanted: readonly Privileges[],
): Promise<readonly Privileges[] | null> {
  try {
    return await connection.missingPrivileges(wanted)
  } catch (error) {
    if (error instanceof CommandError || error instanceof ConnectError) return null
    throw error
  }
}
