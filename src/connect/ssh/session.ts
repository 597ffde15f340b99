import type { CommandResult } from '../../model/command-result.ts'
import { AuthError, ConnectError, TimeoutError } from '../../model/error.ts'
import type { Secret } from '../../model/secret.ts'
import type { CommandLine } from '../../shell/sh.ts'
import type { Answered, CallOptions, RunOptions, SshWriter } from '../appliance.ts'
import { withDeadline } from '../deadline.ts'
import { holdDialogue } from '../dialogue/hold-dialogue.ts'
import { renderPlainText } from '../dialogue/plain-text.ts'
import { recordTerminal } from '../dialogue/record-terminal.ts'
import type { Evidence } from '../evidence.ts'
import { joinQuery, splitAnswers } from '../query.ts'
import { createSudo, createSudoRule } from '../sudo.ts'
import type { SshConnection } from './connection.ts'

/** What is told of the traffic: 1 the commands, 2 what they print. */
export type Trace = (level: 1 | 2, text: string) => void

/** Whose session it is. */
export interface SshSessionOptions {
  /** The node’s name, for messages. */
  readonly name: string
  /** The user’s own password, for `sudo`. */
  readonly password: Secret
  readonly trace: Trace
  /** Keeps conversations; nothing is kept where absent. */
  readonly evidence?: Evidence | undefined
}

const SECONDS = 120

/** Seconds that the other side waits longer than we do before it ends a command, so that nobody wonders who was first. */
const GRACE = 5

/** Asks on the input, in no words that could be taken for the command’s. */
const SUDO = "sudo -S -p '' "

/** What a command is beside its text. */
interface Told extends RunOptions {
  /** What it is called in messages, where its text is not what was asked for. Default: its text. */
  readonly called?: string
  /** Whether it may leave something running. */
  readonly leaves?: boolean
}

const secondsOf = ({ timeout = SECONDS }: Pick<CallOptions, 'timeout'>): number => timeout

/** What `sudo` says that may not ask. */
const ASKS = /^sudo: .*password is required/m

const NO_SUDO =
  /sudo: .*(?:incorrect password|password is required|no password was provided|not in the sudoers|not allowed)/i

/** An appliance’s shell over one SSH connection. */
export function createSshSession(
  connection: SshConnection,
  { name, password, trace, evidence }: SshSessionOptions,
): SshWriter {
  function timely<T>(
    command: string,
    { leaves = false, ...options }: CallOptions & Pick<Told, 'leaves'>,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const seconds = secondsOf(options)
    const late = (): Error =>
      new TimeoutError(`${command} on ${name} did not end within ${seconds} seconds`, {
        hint: leaves
          ? 'what it has started may still be running there: see what it did before it is run again'
          : `the machine ends it by itself within ${GRACE} seconds more`,
      })
    return withDeadline(work, { signal: options.signal, seconds, late })
  }

  /** Runs a text of `sh`. With `sudo` the password is all of its input. */
  async function run(text: string, options: Told): Promise<CommandResult> {
    const { sudo: isSudo = false, onOutput, called = text, leaves } = options
    trace(1, isSudo ? `sudo ${text}` : text)
    const result = await timely(called, options, async (signal) => {
      const given = {
        signal,
        seconds: secondsOf(options) + GRACE,
        onOutput:
          onOutput === undefined
            ? undefined
            : (chunk: Buffer) => onOutput(renderPlainText(chunk.toString('utf8'))),
        firstByte: options.firstByte,
        idle: options.idle,
        leaves,
      }
      if (!isSudo) return connection.run(text, given)
      const { kind } = await connection.speech({ signal })
      if (kind === 'bare') {
        // Nothing keeps the command from reading the password there, so that it is given only where it was asked for.
        const first = await connection.run(text, { ...given, prefix: 'sudo -n ' })
        if (!ASKS.test(first.stderr)) return first
      }
      return connection.run(text, { ...given, prefix: SUDO, input: `${password.reveal()}\n` })
    })
    if (result.stdout !== '') trace(2, result.stdout)
    if (result.stderr !== '') trace(2, result.stderr)
    if (isSudo && result.kind === 'exited' && NO_SUDO.test(result.stderr))
      throw new AuthError(`sudo on ${name} refused: ${result.stderr.trim().split('\n').at(-1) ?? ''}`)
    return result
  }

  const explainLoss = ({ failure, reason }: Extract<CommandResult, { kind: 'lost' }>): ConnectError =>
    new ConnectError(failure, `${name} was lost while it was asked: ${reason}`)

  const renderAsked = (commands: Readonly<Record<string, CommandLine>>): string =>
    Object.values(commands)
      .map(({ text }) => text)
      .join('; ')

  /** Only the end is kept of what is too much: no answer may be read from it. */
  function explainFlood(commands: Readonly<Record<string, CommandLine>>): ConnectError {
    return new ConnectError(
      'protocol',
      `${name} printed more than can be kept for ${renderAsked(commands)}`,
      {
        hint: 'its beginning is lost, so that nothing is read from it; run the command by hand to see what fills it',
      },
    )
  }

  /** Asks one after the other, where there is no `sh` that could be asked everything at once. */
  async function askSingly<K extends string>(
    commands: Readonly<Record<K, CommandLine>>,
    options: CallOptions,
  ): Promise<Readonly<Record<K, Answered>>> {
    const answers: Partial<Record<K, Answered>> = {}
    for (const key of Object.keys(commands) as K[]) {
      const result = await run(commands[key].text, options)
      if (result.kind === 'lost') throw explainLoss(result)
      if (result.truncated) throw explainFlood({ key: commands[key] })
      const code = result.kind === 'exited' ? result.code : 255
      answers[key] = { code, output: `${result.stdout}${result.stderr}` }
    }
    return answers as Record<K, Answered>
  }

  return {
    fingerprint: connection.fingerprint,
    byPassword: connection.byPassword,

    async query(commands, options) {
      const { kind } = await connection.speech(options)
      if (kind === 'bare') return askSingly(commands, options)
      const { text, mark } = joinQuery(commands)
      const result = await run(text, { ...options, called: renderAsked(commands) })
      if (result.kind === 'lost') throw explainLoss(result)
      if (result.truncated) throw explainFlood(commands)
      return splitAnswers(result.stdout, { commands, mark })
    },

    run: (command, options) => run(command.text, { ...options, leaves: true }),

    async converse(command: CommandLine, { dialogue, ...options }) {
      const sudo = createSudo()
      const text = options.sudo === true ? `${sudo.prefix}${command.text}` : command.text
      trace(1, text)
      const rules = [createSudoRule(sudo, password), ...dialogue.rules]
      const held = await timely(command.text, options, (signal) =>
        connection.converse(text, {
          signal,
          seconds: secondsOf(options) + GRACE,
          use: (terminal) =>
            holdDialogue(recordTerminal(terminal, { evidence, title: `${command.text} over SSH` }), {
              dialogue: { ...dialogue, rules },
              command: command.text,
              signal,
            }),
        }),
      )
      trace(2, held.transcript)
      return held
    },

    async upload(file, { to, signal, progress }) {
      trace(1, `upload ${file} to ${to}`)
      await connection.upload(file, { to, signal, progress })
    },
  }
}
