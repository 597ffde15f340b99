import { AuthError, ConnectError, type RunbookError } from '../../model/error.ts'
import type { Said } from './answer.ts'
import { ZiaError } from './error.ts'

const HINTS: Readonly<Record<string, string>> = {
  INVALID_INPUT_ARGUMENT: 'compare the values with what the Admin Portal accepts for this object',
  DUPLICATE_ITEM: 'another object has this name: rename one of the two',
  RESOURCE_NOT_FOUND: 'somebody deleted it meanwhile: run the same command again',
  RESOURCE_IN_USE: 'detach it from what uses it first',
  NOT_SUBSCRIBED: 'look at Administration > Subscriptions: the tenant lacks this product',
  SCOPE_LIMITED: 'use an administrator with organisation scope: only those may change Service Edges',
  ACCESS_DENIED: 'give the API’s administrator a role that may change this',
  INVALID_OPERATION: 'give the API’s administrator a role that may change this',
  LIMIT_EXCEEDED:
    'the tenant’s limit is reached: look at its subscriptions and at the ranges and limitations',
  TRIAL_EXPIRED: 'the trial of this product is over: look at Administration > Subscriptions',
  STALE_CONFIGURATION_ERROR: 'somebody else changed it meanwhile: run the same command again',
}

/** What a request was, in words: `POST /virtualZenNodes`. */
type What = string

/** The error for an answer that says no for good. */
export function refused(what: What, said: Said): RunbookError {
  if (said.readOnly) {
    return new ZiaError(`${what}: ZIA is in read-only maintenance${tail(said)}`, {
      ...said,
      hint: 'wait until the maintenance shown on trust.zscaler.com is over, then run the same command again',
    })
  }
  const hint = HINTS[said.reason ?? ''] ?? fallbackHint(said)
  return new ZiaError(`${what} was refused with ${describe(said)}`, { ...said, ...(hint ? { hint } : {}) })
}

/** The error for a server that never stopped saying "too fast", or asks for more patience than a run has. */
export function tooFast(what: What, said: Said): ZiaError {
  return new ZiaError(`${what} exceeds the rate limit of the tenant: ${describe(said)}`, {
    ...said,
    hint: 'an earlier run, or something else, has used up the quota: find out who calls the API, and run the same command again later',
  })
}

/** The error for an edit lock that never came free. */
export function locked(what: What, said: Said): ZiaError {
  return new ZiaError(`${what} waited in vain for the edit lock of the tenant: ${describe(said)}`, {
    ...said,
    hint: 'another administrator or tool is saving changes: find out who, then run the same command again',
  })
}

/** The error for a sign-in that did not hold, however often it was renewed. */
export function signedOut(what: What, said: Said): AuthError {
  return new AuthError(`${what} was refused after signing in again: ${describe(said)}`, {
    hint: 'see whether the API’s administrator is still enabled and may use the API',
  })
}

/** The error for a server that breaks on the same request again and again. */
export function broken(what: What, said: Said): ZiaError {
  return new ZiaError(`${what} failed in ZIA with ${describe(said)}`, {
    ...said,
    hint: 'look at trust.zscaler.com, and quote the request id to support if it stays',
  })
}

/** The error for something that does not speak as ZIA does. */
export function foreign(what: What, said: Said): ConnectError {
  return new ConnectError('protocol', `${what} was answered by something that is no ZIA: ${describe(said)}`, {
    hint: 'check cloud and apiUrl, and whether a proxy answers in its place',
  })
}

/** A refusal in words: code, message and request id, as far as there are any. */
export function describe(said: Said): string {
  const words = [said.reason, said.message].filter((word) => word !== undefined)
  const text = words.length === 0 ? 'no explanation' : words.join(': ')
  return `${said.status} ${text}${tail(said)}`
}

function tail({ requestId }: Said): string {
  return requestId === undefined ? '' : ` (request ${requestId})`
}

function fallbackHint({ status, message }: Said): string | undefined {
  if (message?.includes('Request body is invalid')) {
    return 'ZIA does not say which field it dislikes; -vvv shows the body that was sent'
  }
  if (status === 403) return 'give the API’s administrator a role that may do this'
  if (status === 404) return 'check apiUrl, and that the object still exists'
  return undefined
}
