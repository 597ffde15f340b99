import type { SeedTenant } from '../../model/lab-seed.ts'
import { describeEusa, describeOrganisation, planSubscriptions } from './about.ts'
import { answerEdit, answerLook, type EditParts } from './edit.ts'
import type { Occasion } from './faults.ts'
import type { Quotas } from './quotas.ts'
import { done, INVALID_BODY, refuse, type Reply } from './reply.ts'
import type { TenantRules } from './resource.ts'
import { parsePrefix, parseRoute, renderCall } from './route.ts'
import type { Answerer, Incoming } from './server.ts'
import type { SignIn, Visitor } from './sign-in.ts'
import type { Traffic } from './traffic.ts'
import { meetTrouble, TOO_FAST } from './trouble.ts'
import type { Watch } from './watch.ts'

/** What the API of a tenant works with. */
export interface ApiParts extends EditParts {
  readonly seed: SeedTenant
  readonly quotas: Quotas
  readonly signIn: SignIn
  readonly traffic: Traffic
  readonly watch: Watch
  /** How the tenant answers just now. */
  readonly rules: () => TenantRules
}

const TOKEN = '/oauth2/v1/token'
const SESSION = '/authenticatedSession'
const ACTIVATE = '/status/activate'

/** Milliseconds that the real one takes for what is no object. */
const LATENCY: Readonly<Record<string, number>> = {
  '/status': 500,
  '/subscriptions': 420,
  '/orgInformation': 1350,
  '/orgInformation/lite': 690,
  '/eusaStatus/latest': 500,
  [ACTIVATE]: 680,
}

/** A request behind the door: who asks for what, without the prefix. */
interface Asked {
  readonly incoming: Incoming
  readonly path: string
  readonly occasion: Occasion
  readonly visitor: Visitor
}

/** Makes the answers of a tenant's API, in the order in which the real one finds fault: door, identity, pace, content. */
export function createApi(parts: ApiParts): Answerer {
  const { seed, document, clock, quotas, faults, signIn, signal, activation, traffic, watch } = parts
  let arrivals = 0

  async function say(path: string): Promise<Reply> {
    await clock.sleep(LATENCY[path] ?? 0, { signal })
    switch (path) {
      case '/status': {
        const status = activation.look()
        // A look may have ended what an activation waited for.
        await document.save()
        return done({ status })
      }
      case '/subscriptions':
        return done(planSubscriptions(seed, { now: clock.now(), isOver: faults.has('licence-expired') }))
      case '/orgInformation':
      case '/orgInformation/lite':
        return done(describeOrganisation(seed))
      case '/eusaStatus/latest':
        return done(describeEusa(document.value.eusaAccepted))
      default:
        return { status: 404 }
    }
  }

  async function activate({ occasion, visitor }: Asked): Promise<Reply> {
    await clock.sleep(LATENCY[ACTIVATE] ?? 0, { signal })
    activation.ask(visitor.name, occasion)
    await Promise.all([document.save(), signIn.keep()])
    return done({ status: activation.look() })
  }

  async function acceptEusa({ incoming }: Asked): Promise<Reply> {
    const body = parseJson(incoming.text)
    if (typeof body !== 'object' || body === null || !('acceptedStatus' in body)) return INVALID_BODY
    document.value.eusaAccepted = body.acceptedStatus === true
    await document.save()
    return done(describeEusa(document.value.eusaAccepted))
  }

  async function carryOut(asked: Asked): Promise<Reply> {
    const { incoming, path, occasion, visitor } = asked
    const { method, query, text } = incoming
    if (path === ACTIVATE && method === 'POST') return activate(asked)
    if (path.startsWith('/eusaStatus/') && method === 'PUT') return acceptEusa(asked)
    const route = parseRoute(path)
    if (route === undefined) return method === 'GET' ? say(path) : { status: 404 }
    const body = text === '' ? undefined : parseJson(text)
    const request = {
      ...route,
      method,
      query,
      body,
      now: clock.now(),
      editor: visitor.name,
      rules: parts.rules(),
    }
    return occasion.isEdit ? answerEdit({ request, occasion, visitor }, parts) : answerLook(request, parts)
  }

  function count({ occasion, path }: Asked): void {
    if (occasion.isEdit) traffic.add(path === ACTIVATE ? 'activations' : 'writes')
  }

  async function admit(asked: Asked): Promise<Reply> {
    const { incoming, path, occasion, visitor } = asked
    count(asked)
    const tooFast = faults.spend('rate-limit', occasion) ? TOO_FAST : quotas.admit(incoming.method, path)
    if (tooFast !== undefined) return tooFast
    const trouble = await meetTrouble(occasion, parts)
    if (trouble !== undefined) return trouble
    if (path !== SESSION) return carryOut(asked)
    if (incoming.method === 'GET') return done({ authType: 'ADMIN_LOGIN', name: visitor.name })
    await visitor.end()
    // A log-out is documented to activate, and not whose: whatever is pending, as far as anybody can rely on.
    if (document.value.pending) activation.commit()
    await document.save()
    return { status: 200, body: { status: 'ACTIVE' } }
  }

  async function receive(incoming: Incoming, path: string): Promise<Reply> {
    const { method, text, headers } = incoming
    if (signIn.lapse()) await Promise.all([document.save(), signIn.keep()])
    if (incoming.path === TOKEN) return method === 'POST' ? signIn.openToken(text) : NOWHERE
    if (parsePrefix(incoming.path) === undefined) return NOWHERE
    if (method !== 'GET' && text !== '' && headers['content-type'] === undefined) return { status: 415 }
    if (path === SESSION && method === 'POST') {
      return quotas.admit(method, path) ?? (await signIn.openSession(parseJson(text)))
    }
    const occasion = { request: `${method} ${path}`, isEdit: method !== 'GET' && path !== SESSION }
    const visitor = signIn.recognise(headers)
    if (visitor === undefined) return signedOut(incoming)
    if (faults.spend('session-expiry', occasion)) {
      await visitor.end()
      return signedOut(incoming)
    }
    return admit({ incoming, path, occasion, visitor })
  }

  return async (incoming) => {
    const { method } = incoming
    const path = parsePrefix(incoming.path) ?? incoming.path
    const number = (arrivals += 1)
    traffic.arrived(renderCall(method, path))
    const occasion = { request: `${method} ${path}`, isEdit: method !== 'GET' }
    const isLost = faults.spend('lost-request', occasion)
    if ((await watch.show({ number, method, path, moment: 'arrived' })) || isLost) return 'cut'
    const reply = await receive(incoming, path)
    const { status } = reply
    if (status === 429) traffic.add('tooFast')
    const isUnheard = isAnswerLost({ ...occasion, isEdit: occasion.isEdit && isConfiguration(path) }, status)
    if ((await watch.show({ number, method, path, moment: 'answered', status })) || isUnheard) return 'cut'
    return reply
  }

  /** An answer is lost where the request was carried out. */
  function isAnswerLost(occasion: Occasion, status: number): boolean {
    return status < 300 && faults.spend('lost-answer', occasion)
  }
}

const NOWHERE: Reply = { status: 404 }

/** Whether an edit of this path changes what is staged: neither signing in nor activating does. */
const isConfiguration = (path: string): boolean => path !== TOKEN && path !== SESSION && path !== ACTIVATE

function signedOut({ headers }: Incoming): Reply {
  if (headers.authorization === undefined) return refuse(401, 'SESSION_NOT_VALID', 'Session is not valid')
  return {
    status: 401,
    body: { detail: 'unauthorized', type: 'about:blank', title: 'Unauthorized', status: 401 },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
