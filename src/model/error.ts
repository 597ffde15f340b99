import type { Issue } from './issue.ts'

/** What an error carries beside its message: where to go next, and where it came from. */
export interface ErrorDetails {
  /** The next thing to do or type, as one sentence. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * The base of every expected error. `message` says what happened to what, with values; `hint` says what to do next.
 * A surprise is never one of these: it stays an exception and ends up as an `InternalError`.
 */
export abstract class RunbookError extends Error {
  abstract readonly code: string
  readonly hint: string | undefined

  constructor(message: string, { hint, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.hint = hint
  }
}

/** What a thrown thing says, whatever it is. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)

/** The command line cannot be understood: read the usage again. */
export class UsageError extends RunbookError {
  readonly code = 'USAGE'
}

/** A file of the user's is wrong, in as many places as `issues` has entries: edit it. */
export class ConfigError extends RunbookError {
  readonly code = 'CONFIG'
  readonly issues: readonly Issue[]

  constructor(message: string, details: ErrorDetails & { readonly issues?: readonly Issue[] } = {}) {
    super(message, details)
    this.issues = details.issues ?? []
  }
}

/** Why a system could not be reached; `unreachable` outcomes carry it. */
export type ConnectFailure =
  | 'refused'
  | 'reset'
  | 'no-route'
  | 'no-name'
  | 'timeout'
  | 'tls'
  | 'host-key'
  | 'protocol'
  | 'absent'
  | 'closed'

/** A system could not be reached, or was lost: look at the network, the name, or the machine. */
export class ConnectError extends RunbookError {
  readonly code = 'CONNECT'
  readonly kind: ConnectFailure

  constructor(kind: ConnectFailure, message: string, details: ErrorDetails = {}) {
    super(message, details)
    this.kind = kind
  }
}

/** A system was reached and refused who we are: look at the credentials. Never retried. */
export class AuthError extends RunbookError {
  readonly code = 'AUTH'
}

/** A command ran and said no: read what it printed. */
export class CommandError extends RunbookError {
  readonly code = 'COMMAND'
  /** What the command printed, bounded and free of control characters. */
  readonly output: string

  constructor(message: string, details: ErrorDetails & { readonly output?: string } = {}) {
    super(message, details)
    this.output = details.output ?? ''
  }
}

/** A module found the world in a state it refuses to change: a person has to decide. */
export class ModuleError extends RunbookError {
  readonly code = 'MODULE'
  /** The nodes it is about, where these are others than the step's own target. */
  readonly nodes: readonly string[]

  constructor(message: string, details: ErrorDetails & { readonly nodes?: readonly string[] } = {}) {
    super(message, details)
    this.nodes = details.nodes ?? []
  }
}

/** What a run has to remember cannot be kept: look at the disk. */
export class StateError extends RunbookError {
  readonly code = 'STATE'
}

/** Something was waited for and did not come in time. */
export class TimeoutError extends RunbookError {
  readonly code = 'TIMEOUT'
}

/** The user or the engine stopped it. */
export class AbortError extends RunbookError {
  readonly code = 'ABORTED'
}

/** A bug of ours. The only one that is shown with its stack. */
export class InternalError extends RunbookError {
  readonly code = 'INTERNAL'
}
