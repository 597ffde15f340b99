import type { Fault } from './codec/fault.ts'

/** What kind of thing went wrong between us and a server. */
export type VimFailure =
  /** The connection was refused, reset or closed. */
  | 'connection'
  /** The certificate is not trusted, or not the pinned one. */
  | 'tls'
  /** An answer that no vSphere server gives: a proxy's page, broken XML. */
  | 'protocol'
  /** A vSphere server's answer that does not fit the schema. */
  | 'schema'
  /** No answer came in time. */
  | 'timeout'
  /** The server has taken an order, and answers, but is not done with it in time. */
  | 'stalled'
  /** User name and password were refused. */
  | 'login'
  /** The server threw a fault, or a task or lease ended in one. */
  | 'fault'
  /** Nothing is at an inventory path. */
  | 'not-found'
  /** What is there stands in the way, and a person has to decide: a question of a machine, a host nobody leaves. */
  | 'decision'
  /** An OVA is broken, or its descriptor asks for what we cannot do. */
  | 'archive'

/** What a `VimError` carries beside its message. */
export interface VimErrorDetails {
  /** The next thing to do, as one sentence. */
  readonly hint?: string | undefined
  readonly cause?: unknown
  /** The server's fault, where there was one. */
  readonly fault?: Fault | undefined
  /** The operation that was called. */
  readonly method?: string | undefined
  /** Inventory path of what it was called on, where that is known. */
  readonly path?: string | undefined
  /** It may be otherwise in a moment: a server that starts, a proxy that gave up, an answer that was cut off. */
  readonly isTransient?: boolean
  /** Nothing of what was to be said has left: there is no doubt whether it was heard. */
  readonly isUnsent?: boolean
}

/** Every expected failure of this client. `message` says what happened to what; `hint` says what to do next. */
export class VimError extends Error {
  readonly code: VimFailure
  readonly hint: string | undefined
  readonly fault: Fault | undefined
  readonly method: string | undefined
  readonly path: string | undefined
  readonly isTransient: boolean
  readonly isUnsent: boolean

  constructor(code: VimFailure, message: string, details: VimErrorDetails = {}) {
    const { hint, cause, fault, method, path } = details
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'VimError'
    this.code = code
    this.hint = hint
    this.fault = fault
    this.method = method
    this.path = path
    this.isTransient = details.isTransient ?? code === 'connection'
    this.isUnsent = details.isUnsent ?? false
  }
}

/** Whether an error is a fault of that type. */
export function isFault(error: unknown, type: string): error is VimError {
  return error instanceof VimError && error.fault?.type === type
}
