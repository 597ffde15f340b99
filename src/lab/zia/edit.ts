import type { Clock } from '../../model/clock.ts'
import type { Document } from '../../state/document-store.ts'
import type { Activation } from './activation.ts'
import { writable } from './administrator.ts'
import type { EditLock } from './edit-lock.ts'
import type { Faults, Occasion } from './faults.ts'
import { RESOURCE_OF } from './kinds.ts'
import { answerObjects, type ObjectRequest } from './objects.ts'
import { INVALID_BODY, type Reply } from './reply.ts'
import type { Visitor } from './sign-in.ts'
import { byId, type TenantState } from './state.ts'
import { NO_LOCK } from './trouble.ts'

/** What edits and looks work with. */
export interface EditParts {
  readonly document: Document<TenantState>
  readonly clock: Clock
  readonly lock: EditLock
  readonly faults: Faults
  readonly activation: Activation
  readonly signal: AbortSignal
}

/** An edit, and who makes it. */
export interface Edit {
  readonly request: ObjectRequest
  readonly occasion: Occasion
  readonly visitor: Visitor
}

/** A body that is refused is refused at once, and everything else before a second is over. */
const AT_ONCE = 140
const QUICK = 800
const SLOW = 60_000
const SOMEBODY = 'admin@acme.example'

/** Looks at objects, as long as the real one takes to. */
export async function answerLook(
  request: ObjectRequest,
  { document, clock, signal }: EditParts,
): Promise<Reply> {
  await clock.sleep(RESOURCE_OF[request.kind].latency.GET, { signal })
  return answerObjects(document.value, request)
}

/** Makes an edit under the tenant's lock. It is on disk when the reply is there. */
export async function answerEdit({ request, occasion, visitor }: Edit, parts: EditParts): Promise<Reply> {
  const { document, clock, lock, faults, activation, signal } = parts
  const latency = new Map(Object.entries(RESOURCE_OF[request.kind].latency)).get(request.method) ?? QUICK
  const release = await lock.take(signal)
  if (release === undefined) return NO_LOCK
  try {
    await clock.sleep(AT_ONCE, { signal })
    intrude(request, { name: 'admin-race', method: 'PUT', occasion }, parts)
    if (request.method === 'POST' && faults.spend('duplicate', occasion)) {
      answerObjects(document.value, { ...request, editor: SOMEBODY })
    }
    const reply = answerObjects(document.value, request)
    if (reply === INVALID_BODY) return reply
    if (reply.status >= 300) {
      await document.save()
      await clock.sleep(QUICK - AT_ONCE, { signal })
      return reply
    }
    document.value.pending = true
    await Promise.all([
      document.save(),
      visitor.edited(),
      clock.sleep(Math.max(0, latency - AT_ONCE), { signal }),
    ])
    intrude(request, { name: 'admin-edit', method: 'PUT', occasion }, parts)
    if (faults.spend('admin-activation', occasion)) activation.commit()
    await document.save()
    if (faults.spend('slow-answer', occasion)) await clock.sleep(SLOW, { signal })
    return reply
  } finally {
    release()
  }
}

interface Intrusion {
  readonly name: 'admin-race' | 'admin-edit'
  readonly method: string
  readonly occasion: Occasion
}

/** Lets another administrator change the object that a request is about. */
function intrude(request: ObjectRequest, { name, method, occasion }: Intrusion, parts: EditParts): void {
  const { kind, id } = request
  const { document, faults } = parts
  if (request.method !== method || id === undefined || !faults.spend(name, occasion)) return
  const object = byId(document.value.staged[kind], id)
  if (object === undefined) return
  const { shape } = RESOURCE_OF[kind]
  const change = Object.hasOwn(shape, 'description')
    ? { description: `changed by ${SOMEBODY}` }
    : { onDemandSupportTunnelEnabled: object['onDemandSupportTunnelEnabled'] !== true }
  const body = { ...writable(kind, object), ...change }
  answerObjects(document.value, { ...request, method: 'PUT', body, editor: SOMEBODY })
}
