import type { Clock } from '../../model/clock.ts'
import type { SeedTenant } from '../../model/lab-seed.ts'
import type { Document } from '../../state/document-store.ts'
import { HOLD, type EditLock } from './edit-lock.ts'
import type { Faults } from './faults.ts'
import { RESOURCE_OF } from './kinds.ts'
import { answerObjects } from './objects.ts'
import type { Quotas } from './quotas.ts'
import { done, INVALID_BODY, refuse, type Reply } from './reply.ts'
import { planSubscriptions } from './seed.ts'
import type { Answerer, Incoming } from './server.ts'
import type { SignIn, Visitor } from './sign-in.ts'
import { KINDS, type Kind, type TenantState } from './state.ts'

/** What the API of a tenant works with. */
export interface ApiParts {
  readonly seed: SeedTenant
  readonly document: Document<TenantState>
  readonly clock: Clock
  readonly quotas: Quotas
  readonly lock: EditLock
  readonly faults: Faults
  readonly signIn: SignIn
  /** Makes the staged configuration the committed one. */
  activate(): void
  /** Told of every request that could change something, whatever comes of it. */
  noted(): void
}

const PREFIX = /^(?:\/zia)?\/api\/v1(\/.*)$/
const TOKEN = '/oauth2/v1/token'
const SLOW = 60_000
const LOOKS_UNDER_WAY = 3

/** Makes the answers of a tenant's API, in the order in which the real one finds fault: door, identity, pace, content. */
export function createApi(parts: ApiParts): Answerer {
  const { seed, document, clock, quotas, lock, faults, signIn } = parts
  let underWay = 0

  function readStatus(): string {
    if (faults.has('second-admin') && document.value.pending) return 'PENDING'
    if (underWay > 0) {
      underWay -= 1
      return 'INPROGRESS'
    }
    return document.value.pending ? 'PENDING' : 'ACTIVE'
  }

  async function activate(): Promise<Reply> {
    if (!faults.has('second-admin')) {
      parts.activate()
      if (faults.spend('slow-activation')) underWay = LOOKS_UNDER_WAY
      await document.save()
    }
    return done({ status: readStatus() })
  }

  async function look({ path }: Incoming, signal: AbortSignal): Promise<Reply> {
    switch (path) {
      case '/status':
        await clock.sleep(700, { signal })
        return done({ status: readStatus() })
      case '/subscriptions':
        return done(planSubscriptions(seed.licences, clock.now()))
      case '/orgInformation/lite':
        return done({ orgId: 4_100_000, name: 'Lab', cloudName: `${seed.cloud}.net` })
      case '/eusaStatus/latest':
        return done({ id: 1, version: { id: 1 }, acceptedStatus: true })
      default:
        return { status: 404 }
    }
  }

  async function touch(request: Incoming, { visitor, signal }: Editing): Promise<Reply | 'cut'> {
    const parsed = parsePath(request.path)
    if (parsed === undefined) return look(request, signal)
    const { method, query } = request
    const isEdit = method !== 'GET'
    const latency = new Map(Object.entries(RESOURCE_OF[parsed.kind].latency)).get(method) ?? 500
    const body = request.text === '' ? undefined : parseJson(request.text)
    if (isEdit && request.text !== '' && body === undefined) return INVALID_BODY
    const release = isEdit ? await lock.take(signal) : () => {}
    if (release === undefined) return NO_LOCK
    try {
      await clock.sleep(latency, { signal })
      const reply = answerObjects(document.value, {
        ...parsed,
        method,
        query,
        body,
        now: clock.now(),
        editor: visitor.name,
        dropsBinding: faults.has('drop-binding'),
      })
      if (isEdit && reply.status < 300) {
        document.value.pending = true
        visitor.editing = true
        await document.save()
        if (faults.spend('lost-answer')) return 'cut'
      }
      return reply
    } finally {
      release()
    }
  }

  async function meetFault(isEdit: boolean, signal: AbortSignal): Promise<Reply | 'cut' | undefined> {
    if (faults.spend('lost-request')) return 'cut'
    if (faults.spend('unavailable'))
      return { status: 503, body: '<html><h1>503 Service Unavailable</h1></html>' }
    if (faults.spend('server-error')) return refuse(500, 'UNEXPECTED_ERROR', 'Unexpected error occurred')
    if (faults.spend('garbage')) return { status: 200, body: '<html>Please log in to the hotel</html>' }
    if (faults.spend('slow')) await clock.sleep(SLOW, { signal })
    if (!isEdit) return undefined
    if (faults.has('maintenance')) return refuse(403, 'STATE_READONLY', 'Read-only mode')
    if (faults.spend('org-barrier')) return refuse(412, 'UNEXPECTED_ERROR', 'Failed during enter Org barrier')
    if (!faults.spend('edit-lock')) return undefined
    await clock.sleep(HOLD, { signal })
    return NO_LOCK
  }

  return async (incoming, signal) => {
    signIn.lapse()
    if (incoming.path === TOKEN) return incoming.method === 'POST' ? signIn.openToken(incoming.text) : NOWHERE
    const path = PREFIX.exec(incoming.path)?.[1]
    if (path === undefined) return NOWHERE
    const request = { ...incoming, path }
    const { method } = request
    const isEdit = method !== 'GET'
    if (isEdit && request.text !== '' && request.headers['content-type'] === undefined) return { status: 415 }
    const isSession = path === '/authenticatedSession'
    if (isSession && method === 'POST') {
      return quotas.admit(method, path) ?? signIn.openSession(parseJson(request.text))
    }
    const visitor = signIn.recognise(request.headers)
    if (visitor !== undefined && faults.spend('session-expiry')) {
      visitor.end()
      return signedOut(request)
    }
    if (visitor === undefined) return signedOut(request)
    if (isEdit) parts.noted()
    const tooFast = faults.spend('rate-limit') ? TOO_FAST : quotas.admit(method, path)
    if (tooFast !== undefined) return tooFast
    const trouble = await meetFault(isEdit, signal)
    if (trouble !== undefined) return trouble
    if (path === '/status/activate' && method === 'POST') return activate()
    if (!isSession) return touch(request, { visitor, signal })
    if (method === 'GET') return done({ authType: 'ADMIN_LOGIN', name: visitor.name })
    visitor.end()
    await document.save()
    return { status: 200, body: { status: 'ACTIVE' } }
  }
}

interface Editing {
  readonly visitor: Visitor
  readonly signal: AbortSignal
}

const NOWHERE: Reply = { status: 404 }
/** As recorded: the code alone, no message. */
const NO_LOCK: Reply = { status: 409, body: { code: 'EDIT_LOCK_NOT_AVAILABLE' } }
const TOO_FAST: Reply = {
  status: 429,
  body: { message: 'Rate Limit (1/SECOND) exceeded', 'Retry-After': '1 seconds' },
  headers: { 'retry-after': '1' },
}

function signedOut({ headers }: Incoming): Reply {
  if (headers.authorization === undefined) return refuse(401, 'SESSION_NOT_VALID', 'Session is not valid')
  return {
    status: 401,
    body: { detail: 'unauthorized', type: 'about:blank', title: 'Unauthorized', status: 401 },
  }
}

function parsePath(path: string): { readonly kind: Kind; readonly id?: number } | undefined {
  const [, resource, id, ...rest] = path.split('/')
  const kind = KINDS.find((one) => one === resource)
  if (kind === undefined || rest.length > 0) return undefined
  if (id === undefined) return { kind }
  return /^\d{1,15}$/.test(id) ? { kind, id: Number(id) } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
