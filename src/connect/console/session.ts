import { randomBytes } from 'node:crypto'

import { MASK, type Secret } from '../../model/secret.ts'
import { sh, type CommandLine } from '../../shell/sh.ts'
import type { CallOptions, ConsoleWriter } from '../appliance.ts'
import { untilAborted, withDeadline } from '../deadline.ts'
import type { Dialogue } from '../dialogue/dialogue.ts'
import { holdDialogue } from '../dialogue/hold-dialogue.ts'
import { joinQuery, splitAnswers } from '../query.ts'
import { createSudo, createSudoRule, SUDO_PROMPT, type Sudo } from '../sudo.ts'
import { explainDemand } from './log-in.ts'
import type { ConsoleMachine } from './machine.ts'
import { createPresence, findSame } from './presence.ts'
import { createConsoleTerminal } from './terminal.ts'

/** A console that is used by one caller at a time and remembers who is logged in. */
export interface ConsoleSession extends ConsoleWriter {
  /** Logs out. */
  close(): Promise<void>
}

const LOG_IN_SECONDS = 900
const CALL_SECONDS = 300

// What sudo asked before the first command could print anything.
const ASKED = new RegExp(`^\\s*${SUDO_PROMPT}[^\\n]*:${MASK}\\n\\s*`)

/** Opens a session on a machine’s console; nothing is typed before the first call. */
export function openConsoleSession(
  machine: ConsoleMachine,
  { passwords, late }: { readonly passwords: readonly Secret[]; readonly late: (what: string) => Error },
): ConsoleSession {
  const presence = createPresence(machine, passwords)
  let turn: Promise<unknown> = Promise.resolve()

  /** One caller at a time: there is one keyboard. What breaks off in the middle leaves the console in an unknown state. */
  function alone<T>(work: (signal: AbortSignal) => Promise<T>, { signal, seconds, what }: Call): Promise<T> {
    const mine = turn.then(() =>
      withDeadline(
        async (bounded) => {
          try {
            return await work(bounded)
          } catch (cause) {
            presence.forget()
            throw cause
          }
        },
        { signal, seconds, late: () => late(what) },
      ),
    )
    turn = mine.catch(() => undefined)
    return untilAborted(mine, signal)
  }

  /** Runs a line of `sh` and holds a conversation with it. */
  async function hold(
    { text, what, sudo }: { readonly text: string; readonly what: string; readonly sudo: Sudo },
    options: CallOptions & { readonly dialogue: Dialogue },
  ): Promise<{ readonly transcript: string }> {
    return alone(
      async (signal) => {
        const password = await presence.enterShell(signal)
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
          const entered = await presence.enter(candidates, bounded)
          // What has expired lets nobody in. The initial one is there to be replaced.
          const isWanted = entered !== undefined && findSame(passwords.slice(0, 1), entered) !== undefined
          if (isWanted && presence.isAskedForNew()) throw explainDemand(machine.name)
          return entered
        },
        { signal, seconds: LOG_IN_SECONDS, what: 'the log-in' },
      ),

    changePassword: (wanted, { current, signal }) =>
      alone((bounded) => presence.changePassword({ current, wanted }, bounded), {
        signal,
        seconds: LOG_IN_SECONDS,
        what: 'the change of the password',
      }),

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
      alone((signal) => presence.leave(signal), {
        signal: AbortSignal.timeout(10_000),
        seconds: 10,
        what: 'the log-out',
      }).catch(() => undefined),
  }
}

interface Call {
  readonly signal: AbortSignal
  readonly seconds: number
  /** What is being done, for the error of a time-out. */
  readonly what: string
}
