import type { Clock } from '../../model/clock.ts'
import { HOLD } from './edit-lock.ts'
import type { Faults, Occasion, TenantFaultName } from './faults.ts'
import { refuse, type Reply } from './reply.ts'

/** What trouble strikes with. */
export interface TroubleOptions {
  readonly faults: Faults
  readonly clock: Clock
  readonly signal: AbortSignal
}

const SLOW = 60_000
const SERVICE_EDGES = /^\w+ \/virtualZen/

/** As recorded: the code alone, no message. */
export const NO_LOCK: Reply = { status: 409, body: { code: 'EDIT_LOCK_NOT_AVAILABLE' } }

/** As recorded: the same number in the body and in the header. */
export const TOO_FAST: Reply = {
  status: 429,
  body: { message: 'Rate Limit (1/SECOND) exceeded', 'Retry-After': '1 seconds' },
  headers: { 'retry-after': '1' },
}

/** What strikes any request, and how it ends then. */
const OF_ALL: readonly (readonly [TenantFaultName, Reply])[] = [
  ['unavailable', { status: 503, body: '<html><h1>503 Service Unavailable</h1></html>' }],
  ['server-error', refuse(500, 'UNEXPECTED_ERROR', 'Unexpected error occurred')],
  ['garbage', { status: 200, body: '<html>Please log in to the hotel</html>' }],
]

/** Lets happen what is to happen to a request before it is carried out: how it ends then, or nothing. */
export async function meetTrouble(
  occasion: Occasion,
  { faults, clock, signal }: TroubleOptions,
): Promise<Reply | undefined> {
  for (const [name, reply] of OF_ALL) if (faults.spend(name, occasion)) return reply
  if (faults.spend('slow', occasion)) await clock.sleep(SLOW, { signal })
  if (faults.has('scope-limited') && SERVICE_EDGES.test(occasion.request)) {
    return refuse(403, 'SCOPE_LIMITED', 'Only organization admins can manage Virtual Service Edges')
  }
  if (occasion.isEdit && faults.has('read-only-role')) {
    return refuse(403, 'ACCESS_DENIED', 'The role of the API user is read-only')
  }
  if (occasion.isEdit && faults.has('maintenance')) return refuse(403, 'STATE_READONLY', 'Read-only mode')
  if (faults.spend('org-barrier', occasion)) {
    return refuse(412, 'UNEXPECTED_ERROR', 'Failed during enter Org barrier')
  }
  if (!faults.spend('edit-lock', occasion)) return undefined
  await clock.sleep(HOLD, { signal })
  return NO_LOCK
}
