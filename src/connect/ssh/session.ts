import type { CommandResult } from '../../model/command-result.ts'
import { AuthError, ConnectError, TimeoutError } from '../../model/error.ts'
import type { Secret } from '../../model/secret.ts'
import { sh, type CommandLine } from '../../shell/sh.ts'
import type { CallOptions, RunOptions, SshWriter } from '../appliance.ts'
import { withDeadline } from '../deadline.ts'
import { holdDialogue } from '../dialogue/hold-dialogue.ts'
import { renderPlainText } from '../dialogue/plain-text.ts'
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
}

const SECONDS = 120
const NO_SUDO =
  /sudo: .*(?:incorrect password|password is required|no password was provided|not in the sudoers|not allowed)/i

/** An appliance’s shell over one SSH connection. */
export function createSshSession(
  connection: SshConnection,
  { name, password, trace }: SshSessionOptions,
): SshWriter {
  function timely<T>(
    command: string,
    options: CallOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const seconds = options.timeout ?? SECONDS
    const late = (): Error =>
      new TimeoutError(`${command} on ${name} did not end within ${seconds} seconds`, {
        hint: 'it may still be running there',
      })
    return withDeadline(work, { signal: options.signal, seconds, late })
  }

  /**
   * Runs a line of `sh`. With `sudo` the password is the first line of the input; the command itself reads nothing, so
   * that a `sudo` that does not ask leaves the password to nobody.
   */
  async function exec(text: string, options: RunOptions): Promise<CommandResult> {
    const line =
      options.sudo === true
        ? sh`sudo -S -p '' sh -c ${`{ ${text}; } </dev/null`}`.text
        : sh`sh -c ${text}`.text
    trace(1, line)
    const result = await timely(text, options, (signal) => {
      const onOutput =
        options.onOutput === undefined
          ? undefined
          : (chunk: Buffer) => options.onOutput?.(renderPlainText(chunk.toString('utf8')))
      return connection.exec(line, {
        signal,
        onOutput,
        input: options.sudo === true ? `${password.reveal()}\n` : undefined,
      })
    })
    if (result.stdout !== '') trace(2, result.stdout)
    if (result.stderr !== '') trace(2, result.stderr)
    if (options.sudo === true && result.kind === 'exited' && NO_SUDO.test(result.stderr))
      throw new AuthError(`sudo on ${name} refused: ${result.stderr.trim().split('\n').at(-1) ?? ''}`)
    return result
  }

  return {
    fingerprint: connection.fingerprint,

    async query(commands, options) {
      const { text, mark } = joinQuery(commands)
      const result = await exec(text, options)
      if (result.kind === 'lost')
        throw new ConnectError(result.failure, `${name} was lost while it was asked: ${result.reason}`)
      return splitAnswers(result.stdout, { commands, mark })
    },

    run: (command, options) => exec(command.text, options),

    async converse(command: CommandLine, { dialogue, ...options }) {
      const sudo = createSudo()
      const text = options.sudo === true ? `${sudo.prefix}${command.text}` : command.text
      trace(1, text)
      const rules = [...dialogue.rules, createSudoRule(sudo, password)]
      const held = await timely(command.text, options, (signal) =>
        connection.converse(sh`sh -c ${text}`.text, {
          signal,
          use: (terminal) =>
            holdDialogue(terminal, { dialogue: { ...dialogue, rules }, command: command.text, signal }),
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
