import { randomBytes } from 'node:crypto'

import { AuthError } from '../../model/error.ts'
import { MASK, type Secret } from '../../model/secret.ts'
import { sh, type CommandLine } from '../../shell/sh.ts'
import type { CallOptions, ConsoleWriter } from '../appliance.ts'
import { untilAborted, withDeadline } from '../deadline.ts'
import type { Dialogue } from '../dialogue/dialogue.ts'
import { holdDialogue } from '../dialogue/hold-dialogue.ts'
import { joinQuery, splitAnswers } from '../query.ts'
import { createSudo, createSudoRule, SUDO_PROMPT, type Sudo } from '../sudo.ts'
import { ENTER, controlKey } from './keys.ts'
import { answerNewPassword, explainDemand, explainRefusal, logIn } from './log-in.ts'
import type { ConsoleMachine } from './machine.ts'
import { SHELL } from './prompts.ts'
import { promptOf } from './screen.ts'
import { createConsoleTerminal } from './terminal.ts'
import { typeKeys } from './type-keys.ts'

/** A console that is used by one caller at a time and remembers who is logged in. */
export interface ConsoleSession extends ConsoleWriter {
  /** Logs out. */
  close(): Promise<void>
}

type State = { readonly at: 'unknown' } | { readonly at: 'shell' | 'new-password'; readonly password: Secret }

const LOG_IN_SECONDS = 900
const CALL_SECONDS = 300

// What sudo asked before the first command could print anything.
const ASKED = new RegExp(`^\\s*${SUDO_PROMPT}[^\\n]*:${MASK}\\n\\s*`)

/** Opens a session on a machine’s console; nothing is typed before the first call. */
export function openConsoleSession(
  machine: ConsoleMachine,
  { passwords, late }: { readonly passwords: readonly Secret[]; readonly late: (what: string) => Error },
): ConsoleSession {
  let refused: readonly Secret[] = []
  let state: State = { at: 'unknown' }
  let turn: Promise<unknown> = Promise.resolve()

  /** One caller at a time: there is one keyboard. What breaks off in the middle leaves the console in an unknown state. */
  function alone<T>(work: (signal: AbortSignal) => Promise<T>, { signal, seconds, what }: Call): Promise<T> {
    const mine = turn.then(() =>
      withDeadline(
        async (bounded) => {
          try {
            return await work(bounded)
          } catch (cause) {
            state = { at: 'unknown' }
            throw cause
          }
        },
        { signal, seconds, late: () => late(what) },
      ),
    )
    turn = mine.catch(() => undefined)
    return untilAborted(mine, signal)
  }

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

  async function enterShell(signal: AbortSignal): Promise<Secret> {
    const password = await enter(passwords, signal)
    if (password === undefined) throw explainRefusal(machine.name)
    if (state.at === 'new-password') throw explainDemand(machine.name)
    await settleAtShell(signal)
    return password
  }

  /** Messages of the kernel may have pushed the prompt away; Enter brings a new one. */
  async function settleAtShell(signal: AbortSignal): Promise<void> {
    const { reader, port, clock } = machine
    for (;;) {
      const screen = await reader.look(signal)
      if (SHELL.test(promptOf(screen))) return
      const next = await reader.lookPast(screen, { quiet: 2000, signal })
      if (next === screen) await typeKeys(port, [ENTER], { clock, signal, batch: 1 })
    }
  }

  /** Runs a line of `sh` and holds a conversation with it. */
  async function hold(
    { text, what, sudo }: { readonly text: string; readonly what: string; readonly sudo: Sudo },
    options: CallOptions & { readonly dialogue: Dialogue },
  ): Promise<{ readonly transcript: string }> {
    return alone(
      async (signal) => {
        const password = await enterShell(signal)
        const marker = `@@${randomBytes(3).toString('hex')}`
        const terminal = createConsoleTerminal(machine, { marker, title: `${what} on the console` })
        await terminal.send(sh`sh -c ${`${text}; echo ${marker}:$?:`}`.text, { signal })
        const rules = [createSudoRule(sudo, password), ...options.dialogue.rules]
        const dialogue = { ...options.dialogue, rules }
        return holdDialogue(terminal, { dialogue, command: what, signal })
      },
      { signal: options.signal, seconds: options.timeout ?? CALL_SECONDS, what },
    )
  }

  return {
    accepts: (candidates, { signal }) =>
      alone(
        async (bounded) => {
          const entered = await enter(candidates, bounded)
          // What has expired lets nobody in. The initial one is there to be replaced.
          const isWanted = entered !== undefined && findSame(passwords.slice(0, 1), entered) !== undefined
          if (isWanted && state.at === 'new-password') throw explainDemand(machine.name)
          return entered
        },
        { signal, seconds: LOG_IN_SECONDS, what: 'the log-in' },
      ),

    changePassword: (wanted, { current, signal }) =>
      alone(
        async (bounded) => {
          const entered = await enter([current, wanted], bounded)
          if (entered === undefined) throw explainRefusal(machine.name)
          if (findSame([wanted], entered) !== undefined) {
            // It is the wanted one already, unless the machine demands another one in its place.
            if (state.at === 'new-password') throw explainDemand(machine.name)
            return
          }
          const start = state.at === 'shell' ? 'passwd' : undefined
          if (state.at === 'shell') await settleAtShell(bounded)
          await answerNewPassword(
            machine,
            { current, wanted, ...(start === undefined ? {} : { start }) },
            bounded,
          )
          refused = []
          await leave(bounded)
          // That it holds is proven by using it.
          if ((await enter([wanted], bounded)) === undefined) {
            throw new AuthError(`${machine.name} took the new password, and does not let in with it`, {
              hint: 'see on its console what it accepts; the change is in its transcript',
            })
          }
        },
        { signal, seconds: LOG_IN_SECONDS, what: 'the change of the password' },
      ),

    converse(command, options) {
      const sudo = createSudo()
      const text = options.sudo === true ? `${sudo.prefix}${command.text}` : command.text
      return hold({ text, what: command.text, sudo }, options)
    },

    async query(commands, options) {
      const sudo = createSudo()
      const joined = joinQuery(commands)
      // One sudo for all of them: some ask every time.
      const text = options.sudo === true ? `${sudo.prefix}${sh`sh -c ${joined.text}`.text}` : joined.text
      const dialogue = { rules: [], failures: [], successes: [] }
      const what = Object.values<CommandLine>(commands)
        .map((command) => command.text)
        .join('; ')
      const { transcript } = await hold({ text, what, sudo }, { ...options, dialogue })
      return splitAnswers(transcript.replace(ASKED, ''), { commands, mark: joined.mark })
    },

    close: () =>
      alone((signal) => leave(signal), {
        signal: AbortSignal.timeout(10_000),
        seconds: 10,
        what: 'the log-out',
      }).catch(() => undefined),
  }

  async function leave(signal: AbortSignal): Promise<void> {
    const { port, clock } = machine
    if (state.at === 'unknown') return
    const keys = state.at === 'shell' ? [controlKey('d')] : [controlKey('c')]
    state = { at: 'unknown' }
    await typeKeys(port, keys, { clock, signal, batch: 1 })
  }
}

/** Two secrets are the same where their values are, whichever objects hold them. */
function findSame(among: readonly Secret[], secret: Secret): Secret | undefined {
  return among.find((other) => other.reveal() === secret.reveal())
}

interface Call {
  readonly signal: AbortSignal
  readonly seconds: number
  /** What is being done, for the error of a time-out. */
  readonly what: string
}
