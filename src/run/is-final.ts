import { AbortError, AuthError, ConnectError, InternalError } from '../model/error.ts'

/** Whether trying again is of no use, or does harm: refused credentials, bugs, interruptions, a host that is another one. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ConnectError) return error.kind === 'host-key' || error.kind === 'tls'
  return error instanceof AuthError || error instanceof InternalError || error instanceof AbortError
}
