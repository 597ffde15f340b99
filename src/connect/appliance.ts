import type { CommandResult } from '../model/command-result.ts'
import type { Address } from '../model/network.ts'
import type { Progress } from '../model/progress.ts'
import type { Secret } from '../model/secret.ts'
import type { CommandLine } from '../shell/sh.ts'
import type { Dialogue } from './dialogue/dialogue.ts'

/** What every call on an appliance may be told. */
export interface CallOptions {
  readonly signal: AbortSignal
  /** Runs with root’s rights. The password goes to `sudo` on its input, never into a command line. */
  readonly sudo?: boolean
  /** Seconds of wall time the call may take in all. Default 120. */
  readonly timeout?: number
}

/** What one command of a query printed on both streams, and its exit code. */
export interface Answered {
  readonly code: number
  readonly output: string
}

/** A shell that is only asked. */
export interface ShellReader {
  /**
   * Runs commands that only look, all in one round trip, and gives what each printed. A command that fails is an answer
   * with its code; a connection that breaks is a `ConnectError`.
   */
  query<K extends string>(
    commands: Readonly<Record<K, CommandLine>>,
    options: CallOptions,
  ): Promise<Readonly<Record<K, Answered>>>
}

/** The appliance over SSH, for looking. */
export interface SshReader extends ShellReader {
  /** `SHA256:…` of the host key that this connection verified. */
  readonly fingerprint: string
  /** Whether the wanted password let this connection in. A key, or the agent, proves nothing of the password. */
  readonly byPassword: boolean
}

/** What `run` may be told beside. */
export interface RunOptions extends CallOptions {
  /** Called with the output as it comes; escapes removed. */
  readonly onOutput?: (text: string) => void
  /** Seconds of wall time until it says something at all. Default: none but `timeout`. */
  readonly firstByte?: number
  /** Seconds of wall time that it may say nothing. Default: none but `timeout`. */
  readonly idle?: number
}

/** What `upload` may be told. */
export interface UploadOptions {
  readonly signal: AbortSignal
  readonly progress?: (progress: Progress) => void
}

/** A shell in which things may be changed. */
export interface ShellWriter {
  /** Runs a command on a terminal and holds a conversation with it. Throws `CommandError` where it does not end well. */
  converse(
    command: CommandLine,
    options: CallOptions & { readonly dialogue: Dialogue },
  ): Promise<{ readonly transcript: string }>
}

/** The appliance over SSH. */
export interface SshWriter extends SshReader, ShellWriter {
  /** Runs a command without a terminal. */
  run(command: CommandLine, options: RunOptions): Promise<CommandResult>
  /** Puts a local file there under its final name only once its size and hash were verified on the appliance. */
  upload(file: string, options: UploadOptions & { readonly to: string }): Promise<void>
}

/** The appliance’s text console, for looking. */
export interface ConsoleReader extends ShellReader {
  /** Logs in and says with which of the passwords; each is tried at most once. */
  accepts(
    passwords: readonly Secret[],
    options: { readonly signal: AbortSignal },
  ): Promise<Secret | undefined>
}

/** The appliance’s text console. */
export interface ConsoleWriter extends ConsoleReader, ShellWriter {
  /** Changes the password of the user, in answer to a forced change or with `passwd`, and logs in with the new one. */
  changePassword(
    wanted: Secret,
    options: { readonly current: Secret; readonly signal: AbortSignal },
  ): Promise<void>
}

/** One appliance, for looking. */
export interface ApplianceReader {
  /** The node’s name. */
  readonly name: string
  readonly address: Address
  /** The password that the inventory wants, and the one a fresh image accepts. */
  readonly passwords: { readonly wanted: Secret; readonly initial: Secret }
  /** Whether a run of ours has made its machine and not reached it over SSH since: nobody has configured its network yet. */
  isNew(): boolean
  /** Fingerprint of the host key that is expected at the address; none where none is known. */
  expectedHostKey(): string | undefined
  /** The one SSH connection of this run. Throws `ConnectError`, and `AuthError` where the password is refused. */
  ssh(options: { readonly signal: AbortSignal }): Promise<SshReader>
  /** Whether SSH accepts a password, on a connection of its own. */
  accepts(password: Secret, options: { readonly signal: AbortSignal }): Promise<boolean>
  /** The console. Throws `ConnectError` of kind `absent` where nothing may be typed, as in check mode. */
  console(options: { readonly signal: AbortSignal }): Promise<ConsoleReader>
}

/** One appliance. */
export interface ApplianceWriter extends ApplianceReader {
  ssh(options: { readonly signal: AbortSignal }): Promise<SshWriter>
  console(options: { readonly signal: AbortSignal }): Promise<ConsoleWriter>
  /** Makes the host key that was read on the console the only one that is accepted over SSH. */
  announce(fingerprint: string): Promise<void>
}
