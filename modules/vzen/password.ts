import { z } from 'zod'

import { AuthError, ConnectError, defineModule, Secret, type ApplianceReader, type Change } from '#sdk'

/** Which passwords the appliance lets in; undefined where that was not tried. */
interface PasswordFacts {
  readonly wanted: boolean
  readonly initial: boolean | undefined
}

const isSame = (one: Secret, other: Secret): boolean => one.reveal() === other.reveal()

/** Nobody listens for SSH yet, or it cannot be trusted yet: the console is the way. */
function isBeforeNetwork(cause: unknown): boolean {
  if (!(cause instanceof ConnectError)) return false
  return ['no-route', 'timeout', 'refused', 'absent', 'host-key'].includes(cause.kind)
}

interface Asking {
  readonly wanted: Secret
  readonly signal: AbortSignal
}

/** Whether the wanted password lets somebody in; where a key let us in, it is tried by itself. */
async function isAccepted(connection: ApplianceReader, { wanted, signal }: Asking): Promise<boolean> {
  try {
    const { byPassword } = await connection.ssh({ signal })
    return byPassword || (await connection.accepts(wanted, { signal }))
  } catch (cause) {
    if (!(cause instanceof AuthError)) throw cause
    return false
  }
}

async function readOverSsh(connection: ApplianceReader, asking: Asking): Promise<PasswordFacts> {
  const { wanted, signal } = asking
  const accepted = await isAccepted(connection, asking)
  const { initial } = connection.passwords
  if (isSame(initial, wanted)) return { wanted: accepted, initial: undefined }
  return { wanted: accepted, initial: await connection.accepts(initial, { signal }) }
}

async function readOnConsole(
  connection: ApplianceReader,
  { wanted, signal }: Asking,
): Promise<PasswordFacts> {
  const { initial } = connection.passwords
  const console = await connection.console({ signal })
  const accepted = await console.accepts([wanted, initial], { signal })
  if (accepted === undefined) {
    throw new AuthError(
      `the console of ${connection.name} accepts neither the wanted nor the initial password`,
      {
        hint: 'set the password on the console by hand; nothing is tried twice, so that nobody is locked out',
      },
    )
  }
  if (!isSame(accepted, wanted)) return { wanted: false, initial: true }
  if (isSame(initial, wanted)) return { wanted: true, initial: undefined }
  // That the documented one no longer works is proven by trying it.
  return { wanted: true, initial: (await console.accepts([initial], { signal })) !== undefined }
}

/**
 * Replaces the documented password of a fresh appliance, on the console because it has no network yet: in answer to the
 * demand for a new one where the appliance makes it, with `passwd` where it does not.
 */
export const password = defineModule({
  name: 'vzen/password',
  summary: 'The password of zsroot is the wanted one, and the documented one no longer works',
  connection: 'appliance',
  params: z.strictObject({
    wanted: z.instanceof(Secret).meta({ description: 'The password that zsroot is to have' }),
  }),
  absent: { wanted: false, initial: true },

  async read({ connection, params: { wanted }, signal }): Promise<PasswordFacts> {
    const overSsh = await readOverSsh(connection, { wanted, signal }).catch((cause: unknown) => {
      if (isBeforeNetwork(cause)) return undefined
      throw cause
    })
    if (overSsh !== undefined && (overSsh.wanted || overSsh.initial === true)) return overSsh
    try {
      // Also where SSH takes neither: some servers take keys and no password at all.
      return await readOnConsole(connection, { wanted, signal })
    } catch (cause) {
      if (overSsh !== undefined && cause instanceof ConnectError && cause.kind === 'absent') return overSsh
      throw cause
    }
  },

  diff({ wanted, initial }): readonly Change[] {
    if (wanted && initial !== true) return []
    const from = initial === true ? 'the documented password' : 'another password'
    return [{ path: 'password', from, to: 'the password of the inventory' }]
  },

  async apply({ connection, params: { wanted }, signal }) {
    const console = await connection.console({ signal })
    const { initial } = connection.passwords
    await console.changePassword(wanted, { current: initial, signal })
  },
})
