import type { Socket } from 'node:net'

import { VimError } from './error.ts'

/** A host and port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Opens a TCP connection; rejects with whatever says best why not. */
export type Dial = (address: Address, options: { readonly signal: AbortSignal }) => Promise<Socket>

/** Whether an error is the system's word that a connection broke, or that there is no way to where it led. */
export function isBreak(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  // Node says so by itself, without a call of the system, of a connection that ended too early.
  return syscall !== undefined || code === 'ECONNRESET'
}

/**
 * Dials for a client that may try again. Throws a `VimError` of kind `connection`, whose cause is what `dial` rejected with; of
 * what was to go over the connection nothing has left.
 */
export async function openSocket(dial: Dial, address: Address, signal: AbortSignal): Promise<Socket> {
  try {
    return await dial(address, { signal })
  } catch (cause) {
    signal.throwIfAborted()
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new VimError('connection', message, { cause, isUnsent: true })
  }
}
