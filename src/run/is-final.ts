import { AbortError, AuthError, ConnectError, InternalError } from '../model/error.ts'

/**
 * Whether trying again is of no use, or does harm: refused credentials, those of a host on the way too, bugs, interruptions,
 * a host that is another one.
 */
export function isFinal(error: unknown): boolean {
  if (error instanceof AuthError || error instanceof InternalError || error instanceof AbortError) return true
  if (!(error instanceof ConnectError)) return false
  return error.kind === 'host-key' || error.kind === 'tls' || isFinal(error.cause)
}
