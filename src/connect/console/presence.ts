import { AuthError } from '../../model/error.ts'
import type { Secret } from '../../model/secret.ts'
import { controlKey } from './keys.ts'
import { answerNewPassword, explainDemand, explainRefusal, logIn, type LogInEnd } from './log-in.ts'
import type { ConsoleMachine } from './machine.ts'
import { settleAtShell } from './settle-at-shell.ts'
import { typeKeys } from './type-keys.ts'
import { withPicture } from './with-picture.ts'

type State =
  | { readonly at: 'unknown' }
  | { readonly at: Exclude<LogInEnd, 'refused'>; readonly password: Secret }

/** Who is logged in on a console, and how one gets in and out. One caller at a time. */
export interface Presence {
  /** Logs in with the first of some passwords that is accepted, unless that has happened already; nothing where none is. */
  enter(candidates: readonly Secret[], signal: AbortSignal): Promise<Secret | undefined>
  /** Logs in and sees the prompt of the shell; gives the password. */
  enterShell(signal: AbortSignal): Promise<Secret>
  /** Makes the wanted password the one that lets in, and proves it. */
  changePassword(
    passwords: { readonly current: Secret; readonly wanted: Secret },
    signal: AbortSignal,
  ): Promise<void>
  /** Whether the machine has let somebody in only to demand another password. */
  isAskedForNew(): boolean
  /** Something broke off in the middle: from here on nobody knows who is logged in. */
  forget(): void
  /** Logs out. */
  leave(signal: AbortSignal): Promise<void>
}

/** Makes one of a console at which nobody has looked yet. `passwords` are those that may let in. */
export function createPresence(machine: ConsoleMachine, passwords: readonly Secret[]): Presence {
  let refused: readonly Secret[] = []
  let state: State = { at: 'unknown' }

  async function enter(candidates: readonly Secret[], signal: AbortSignal): Promise<Secret | undefined> {
    const known = state.at === 'unknown' ? undefined : findSame(candidates, state.password)
    if (known !== undefined) return known
    if (state.at !== 'unknown') await leave(signal)
    for (const password of candidates) {
      if (findSame(refused, password) !== undefined) continue
      const end = await logIn(machine, password, signal)
      if (end === 'refused') {
        refused = [...refused, password]
      } else {
        state = { at: end, password }
        return password
      }
    }
    return undefined
  }

  /**
   * Enters, and where that is a shell, sees its prompt: since the last call somebody may have logged out, or the machine
   * restarted. Then enters anew, once.
   */
  async function enterSettled(candidates: readonly Secret[], signal: AbortSignal): Promise<Secret> {
    const wasInside = state.at !== 'unknown'
    const password = await enter(candidates, signal)
    if (password === undefined) throw explainRefusal(machine.name)
    if (state.at !== 'shell' || (await settleAtShell(machine, signal))) return password
    if (!wasInside) {
      throw await withPicture(machine, {
        message: `the console of ${machine.name} let in, and shows no prompt of its shell`,
        hint: `\`runbook console ${machine.name}\` shows it`,
      })
    }
    state = { at: 'unknown' }
    return enterSettled(candidates, signal)
  }

  async function leave(signal: AbortSignal): Promise<void> {
    if (state.at === 'unknown') return
    const keys = [controlKey(state.at === 'shell' ? 'd' : 'c')]
    state = { at: 'unknown' }
    await typeKeys(machine.port, keys, { clock: machine.clock, signal, batch: 1 })
  }

  return {
    enter,
    leave,
    isAskedForNew: () => state.at === 'new-password',
    forget: () => void (state = { at: 'unknown' }),

    async enterShell(signal) {
      const password = await enterSettled(passwords, signal)
      if (state.at === 'new-password') throw explainDemand(machine.name)
      return password
    },

    async changePassword({ current, wanted }, signal) {
      const entered = await enterSettled([current, wanted], signal)
      if (findSame([wanted], entered) !== undefined) {
        // It is the wanted one already, unless the machine demands another one in its place.
        if (state.at === 'new-password') throw explainDemand(machine.name)
        return
      }
      const start = state.at === 'shell' ? { start: 'passwd' } : {}
      const at = await answerNewPassword(machine, { current, wanted, ...start }, signal)
      refused = []
      state = at === 'shell' ? { at, password: wanted } : { at: 'unknown' }
      await leave(signal)
      // That it holds is proven by using it.
      if ((await enter([wanted], signal)) === undefined) {
        throw new AuthError(`${machine.name} took the new password, and does not let in with it`, {
          hint: 'see on its console what it accepts; the change is in its transcript',
        })
      }
    },
  }
}

/** Two secrets are the same where their values are, whichever objects hold them. */
export function findSame(among: readonly Secret[], secret: Secret): Secret | undefined {
  return among.find((other) => other.reveal() === secret.reveal())
}
