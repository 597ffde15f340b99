import type { ConnectFailure } from './error.ts'

/** What a command printed: at most the bound that it was run with, the oldest bytes dropped first. */
export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
  /** Whether either stream was longer than the bound, so that its beginning is missing. */
  readonly truncated: boolean
}

/** The command ran to its end. Only `code` 0 is success. */
export interface CommandExited extends CommandOutput {
  readonly kind: 'exited'
  readonly code: number
}

/** The command was ended by a signal, such as `SIGKILL`; ssh names it without `SIG`, here it always has it. */
export interface CommandSignalled extends CommandOutput {
  readonly kind: 'signalled'
  readonly signal: string
}

/** The way to the command broke before its end was seen: it may have run, or be running still. */
export interface CommandLost extends CommandOutput {
  readonly kind: 'lost'
  readonly failure: ConnectFailure
  /** What happened, as one clause without a full stop. */
  readonly reason: string
}

/**
 * How a command ended. A union, so that a dropped link can not look like success and the compiler asks for every case.
 * Cancelling and time-outs are not in it: they reject.
 */
export type CommandResult = CommandExited | CommandSignalled | CommandLost
