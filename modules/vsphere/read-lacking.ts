import { AuthError, CommandError, ConnectError, type VSphereReader } from '#sdk'

type Privileges = Parameters<VSphereReader['missingPrivileges']>[0][number]

/** A server that does not know the question, does not answer it, or not this user. */
const SILENCES = [AuthError, CommandError, ConnectError] as const

/**
 * The privileges that the user lacks; null where nobody can tell. Not every server tells, nor everybody, and an older one does not
 * know every privilege: nothing that stops a deployment, whose change itself shows it.
 */
export async function readLacking(
  connection: VSphereReader,
  wanted: readonly Privileges[],
): Promise<readonly Privileges[] | null> {
  try {
    return await connection.missingPrivileges(wanted)
  } catch (error) {
    if (SILENCES.some((kind) => error instanceof kind)) return null
    throw error
  }
}
