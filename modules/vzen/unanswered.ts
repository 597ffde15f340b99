import { AuthError, ConnectError, TimeoutError } from '#sdk'

/** Whether whoever was asked is not reached, or hangs: of several that are asked, it must not hide what the others say. */
export function isUnanswered(cause: unknown): cause is ConnectError | TimeoutError {
  return cause instanceof ConnectError || cause instanceof TimeoutError
}

/** The same, also where it does not let us in. */
export function isUnasked(cause: unknown): cause is ConnectError | TimeoutError | AuthError {
  return isUnanswered(cause) || cause instanceof AuthError
}
