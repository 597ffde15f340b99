import {
  AuthError,
  CommandError,
  ConnectError,
  InternalError,
  ModuleError,
  RunbookError,
  TimeoutError,
} from '../model/error.ts'
import { CodecError } from './govmomi/codec/error.ts'
import { VimError } from './govmomi/error.ts'

// What the server said, where the message does not say it already.
function sayMore({ fault, message }: VimError): string {
  const said = fault?.message.replace(/\.$/, '') ?? ''
  return message.includes(said) ? '' : said
}

/** Turns what the vSphere client throws into the engine's errors; whatever is none of its own stays what it is. */
function toRunbookError(error: unknown): unknown {
  if (error instanceof RunbookError) return error
  if (error instanceof CodecError) {
    return new InternalError(`a vSphere call could not be encoded: ${error.message}`, { cause: error })
  }
  if (!(error instanceof VimError)) return error
  const { code, message, hint } = error
  const details = { cause: error, ...(hint === undefined ? {} : { hint }) }
  switch (code) {
    case 'connection':
      // Why a connection could not be opened is in the engine's own words already.
      if (error.cause instanceof RunbookError) return error.cause
      return new ConnectError('reset', message, details)
    case 'tls':
      return new ConnectError('tls', message, details)
    case 'protocol':
    case 'schema':
      return new ConnectError('protocol', message, details)
    case 'timeout':
      return new ConnectError('timeout', message, details)
    case 'stalled':
      return new TimeoutError(message, details)
    case 'login':
      return new AuthError(message, details)
    case 'fault':
      return error.fault?.type === 'NoPermission'
        ? new AuthError(message, details)
        : new CommandError(message, { ...details, output: sayMore(error) })
    case 'not-found':
    case 'decision':
    case 'archive':
      return new ModuleError(message, details)
  }
}

// The platform has its own word for a signal that ends by itself, which would pass for a bug.
function reasonOf({ reason }: AbortSignal): unknown {
  if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason
  return new TimeoutError('vSphere has not done in time what was to be finished', {
    hint: 'look at the recent tasks of the server, whether something holds it up there, and run again',
    cause: reason,
  })
}

/** Runs something and turns what it throws into the engine's errors; an abort stays the signal's own reason. */
export async function guard<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted()
    return await run()
  } catch (error) {
    if (signal.aborted) throw reasonOf(signal)
    throw toRunbookError(error)
  }
}
