import { z } from 'zod'

import {
  AuthError,
  ConnectError,
  defineModule,
  ModuleError,
  sh,
  type ApplianceReader,
  type Change,
  type Clock,
  type ShellReader,
} from '#sdk'

/** Whether the SSH host key of an appliance is known here, or what it is. */
type HostKeyFacts =
  | { readonly state: 'known' }
  /** SSH does not answer, so that there is no key to know yet. */
  | { readonly state: 'silent' }
  /**
   * SSH answers with a key that nobody here knows; `fingerprint` is what the console shows, where it shows one. There is none
   * either where the console cannot be asked, as in check mode. `refusal` is why SSH was left.
   */
  | {
      readonly state: 'unknown'
      readonly fingerprint: string | undefined
      readonly refusal: string
    }

/** A server that has several shows the first of these types: they are preferred in this order wherever SSH is spoken here. */
const [ED25519, ECDSA, RSA] = [
  '/etc/ssh/ssh_host_ed25519_key.pub',
  '/etc/ssh/ssh_host_ecdsa_key.pub',
  '/etc/ssh/ssh_host_rsa_key.pub',
]

const FINGERPRINTS = {
  first: sh`ssh-keygen -lf ${ED25519}`,
  next: sh`ssh-keygen -lf ${ECDSA} || ssh-keygen -lf ${RSA}`,
}

// A first boot makes the preferred type last, but all of them within a moment, in milliseconds.
const MAKING = 5000

/** What readings on a console take. */
interface ConsoleUse {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Finds a fingerprint in what a console shows, where a long host name pushes the line over the edge of the screen. */
const findFingerprint = ({ output }: { readonly output: string }): string | undefined =>
  /SHA256:[A-Za-z0-9+/]{43}/.exec(output.replaceAll('\n', ''))?.[0]

/**
 * Reads the fingerprint of the host key that the appliance shows, on its console; none where it has no key yet. One of
 * another type than the preferred one counts only where it is still the first a while later: until then the appliance may
 * be making its keys.
 */
export async function readHostKey(
  console: ShellReader,
  { clock, signal }: ConsoleUse,
): Promise<string | undefined> {
  let last: string | undefined
  for (;;) {
    const { first, next } = await console.query(FINGERPRINTS, { signal })
    const preferred = findFingerprint(first)
    if (preferred !== undefined) return preferred
    const other = findFingerprint(next)
    if (other === last) return other
    last = other
    await clock.sleep(MAKING, { signal })
  }
}

/** Whether SSH answers, but with a key that nobody here knows. */
export function isUnknownKey(cause: unknown, connection: ApplianceReader): cause is ConnectError {
  return (
    cause instanceof ConnectError && cause.kind === 'host-key' && connection.expectedHostKey() === undefined
  )
}

/** Says that nothing on the console vouches for the key that SSH shows. */
export function explainMissingKey({ name }: ApplianceReader, cause?: ConnectError): ModuleError {
  const shown = cause === undefined ? '' : `: ${cause.message}`
  return new ModuleError(`the console of ${name} shows no SSH host key${shown}`, {
    hint: `is there one in ${ED25519}, ${ECDSA} or ${RSA}? Where its sshd has it elsewhere, set hostKey: ‘first-use’ in the inventory`,
    cause,
  })
}

/** Whether there is no console to ask: none is typed at in check mode, and one that is not deployed has none. */
const isAbsent = (cause: unknown): cause is ConnectError =>
  cause instanceof ConnectError && cause.kind === 'absent'

async function askConsole(
  connection: ApplianceReader,
  { refusal, ...use }: ConsoleUse & { readonly refusal: string },
): Promise<string | undefined> {
  try {
    return await readHostKey(await connection.console(use), use)
  } catch (cause) {
    if (!isAbsent(cause)) throw cause
    throw new ConnectError('host-key', `${refusal}; and ${cause.message}`, {
      cause,
      hint: `run \`runbook deploy --tags host-key\` without --check; where ${connection.name} is not deployed yet, another machine has its address`,
    })
  }
}

/** Looks what the key is, where the console can be asked by now; else that is left to whoever makes the key known. */
async function lookOnConsole(
  connection: ApplianceReader,
  { refusal, ...use }: ConsoleUse & { readonly refusal: string },
): Promise<HostKeyFacts> {
  try {
    const fingerprint = await readHostKey(await connection.console(use), use)
    return { state: 'unknown', fingerprint, refusal }
  } catch (cause) {
    if (isAbsent(cause)) return { state: 'unknown', fingerprint: undefined, refusal }
    throw cause
  }
}

/**
 * Makes the SSH host key of an appliance known that answers already, as to whoever works on it for the first time from here:
 * it is read on the console, and nothing on the appliance changes.
 */
export const hostKey = defineModule({
  name: 'vzen/host-key',
  summary: 'The SSH host key of the appliance is known, from its console',
  connection: 'appliance',
  params: z.strictObject({}),

  async read({ connection, clock, signal }): Promise<HostKeyFacts> {
    try {
      await connection.ssh({ signal })
      return { state: 'known' }
    } catch (cause) {
      if (isUnknownKey(cause, connection))
        return lookOnConsole(connection, { refusal: cause.message, clock, signal })
      // The password is given to those only whose key is known.
      if (cause instanceof AuthError) return { state: 'known' }
      if (cause instanceof ConnectError && cause.kind !== 'host-key') return { state: 'silent' }
      throw cause
    }
  },

  diff(facts): readonly Change[] {
    if (facts.state !== 'unknown') return []
    return [{ path: 'SSH host key', from: 'not known here', to: facts.fingerprint ?? 'read on the console' }]
  },

  async apply({ connection, facts, clock, signal }) {
    if (facts.state !== 'unknown') return
    const fingerprint =
      facts.fingerprint ?? (await askConsole(connection, { refusal: facts.refusal, clock, signal }))
    if (fingerprint === undefined) throw explainMissingKey(connection)
    await connection.announce(fingerprint)
  },
})
