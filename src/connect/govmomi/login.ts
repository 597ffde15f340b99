import type { Client, Trace } from './client.ts'
import type { Address } from './dial.ts'
import { isFault, VimError } from './error.ts'
import type { MoRef } from './schema/values.ts'

/** Where to log in, and as whom. */
export interface LoginOptions {
  readonly address: Address
  readonly username: string
  /** Called at each login, and only then. */
  readonly password: () => string
  /** Ends the session's own work: logging in, keeping it alive. Calls have signals of their own. */
  readonly signal: AbortSignal
  readonly trace?: Trace | undefined
}

/** The login of a session, which can be lost and made again. */
export interface Login {
  /** How often it was made. */
  count(): number
  /**
   * Logs in again unless that has happened since `seen`; however many ask at once, it happens once. A refusal is final: who asks
   * after it gets the same one, and the server is not asked.
   */
  again(seen: number): Promise<void>
  /** Ends a login that is under way, and logs out. Never throws. */
  end(): Promise<void>
}

/** Milliseconds that a server is given to take a logout, or to answer a login that is not wanted any more. */
const GOODBYE = 3000

// A login that is stopped half-way may have succeeded: without its answer nobody could end that session.
function withPatience(signal: AbortSignal): { readonly signal: AbortSignal; done(): void } {
  const late = new AbortController()
  const wait = (): void => {
    const over = AbortSignal.timeout(GOODBYE)
    over.addEventListener('abort', () => late.abort(signal.reason), { once: true })
  }
  if (signal.aborted) wait()
  else signal.addEventListener('abort', wait, { once: true })
  return { signal: late.signal, done: () => signal.removeEventListener('abort', wait) }
}

/** Makes the login of a client on the server whose session manager is `manager`. It has not happened yet. */
export function createLogin(client: Client, manager: MoRef, options: LoginOptions): Login {
  const { username, password, address, signal, trace } = options
  let count = 0
  let running: Promise<void> | undefined
  let refusal: VimError | undefined
  let isOver = false

  async function run(): Promise<void> {
    signal.throwIfAborted()
    const args = { userName: username, password: password(), locale: 'en_US' }
    const patience = withPatience(signal)
    try {
      await client.call('Login', { self: manager, args, signal: patience.signal })
      count += 1
    } catch (cause) {
      if (!isFault(cause, 'InvalidLogin')) throw cause
      const { hint, fault } = cause
      refusal = new VimError(
        'login',
        `${address.host} refuses the user name ${username} with this password`,
        {
          hint,
          cause,
          fault,
          method: 'Login',
        },
      )
      throw refusal
    } finally {
      patience.done()
      running = undefined
    }
    signal.throwIfAborted()
  }

  return {
    count: () => count,
    async again(seen) {
      if (isOver) throw new VimError('connection', `the session on ${address.host} was closed`)
      // A password that was refused is not sent again: some more of that, and the account is locked.
      if (refusal !== undefined) throw refusal
      if (seen === count) await (running ??= run())
    },
    async end() {
      isOver = true
      await running?.catch(() => undefined)
      // A cookie without a login is one whose answer got lost.
      if (count === 0 && client.cookie() === undefined) return
      // Also after an interruption: a session that is left behind counts against the server's limit for half an hour.
      const goodbye = AbortSignal.timeout(GOODBYE)
      await client.call('Logout', { self: manager, args: {}, signal: goodbye }).catch((error: unknown) => {
        trace?.(`logout: ${String(error)}`)
      })
    },
  }
}
