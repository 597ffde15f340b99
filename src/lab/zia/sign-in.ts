import { createHash, randomBytes } from 'node:crypto'

import type { Clock } from '../../model/clock.ts'
import type { SeedTenant } from '../../model/lab-seed.ts'
import type { Document } from '../../state/document-store.ts'
import { isAssertion } from './assertion.ts'
import { invalid, refuse, type Reply } from './reply.ts'
import { rebaseVisits, type VisitState } from './visits.ts'

/** Somebody who is signed in. */
export interface Visitor {
  readonly name: string
  /** Ends it; what it has staged is activated, because that is what the end of a session does. */
  end(): Promise<void>
  /** Told that it has staged something; resolves when that is on disk. */
  edited(): Promise<void>
}

/** The doors of a tenant. */
export interface SignIn {
  /** Answers a legacy sign-in with a session's cookie. */
  openSession(body: unknown): Promise<Reply>
  /** Answers a token request in form encoding. */
  openToken(form: string): Promise<Reply>
  /** Who sends these headers; nothing where it is nobody, or no longer somebody. */
  recognise(headers: {
    readonly cookie?: string | undefined
    readonly authorization?: string | undefined
  }): Visitor | undefined
  /** Ends the sessions that have been idle for too long; says whether that has activated anything. */
  lapse(): boolean
  /** Everything staged was activated: no session's end has anything to activate. */
  settle(): void
  /** Resolves when everybody who is signed in is on disk. */
  keep(): Promise<void>
}

/** What the doors of a tenant stand in. */
export interface SignInOptions {
  readonly clock: Clock
  readonly document: Document<VisitState>
  /** What the end of a session that has edits does. */
  readonly activate: () => void
}

/** A default session ends after five idle minutes. */
const IDLE = 300_000
const WINDOW = 7_200_000
const TOKEN_LIFE = 3600
const AUDIENCE = 'https://api.zscaler.com'
const BY_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Makes the doors of a tenant, with everybody inside who was signed in when the last process ended. */
export function createSignIn(seed: SeedTenant, { clock, document, activate }: SignInOptions): SignIn {
  rebaseVisits(document.value, clock.now())

  async function keep(): Promise<void> {
    document.value.at = clock.now()
    await document.save()
  }

  /** Says whether the end of the session has activated anything. */
  function end(id: string): boolean {
    const { sessions } = document.value
    const isEditing = sessions[id]?.editing === true
    delete sessions[id]
    if (isEditing) activate()
    return isEditing
  }

  function visit(id: string): Visitor | undefined {
    const session = document.value.sessions[id]
    if (session === undefined) return undefined
    session.used = clock.now()
    return {
      name: session.name,
      async end() {
        end(id)
        await keep()
      },
      async edited() {
        if (session.editing) return
        session.editing = true
        await keep()
      },
    }
  }

  function bear(id: string): Visitor | undefined {
    const { tokens } = document.value
    const known = tokens[id]
    if (known === undefined || known.until <= clock.now()) return undefined
    return {
      name: known.name,
      async end() {
        delete tokens[id]
        await keep()
      },
      // The end of a token activates nothing.
      edited: () => Promise.resolve(),
    }
  }

  function isProven(form: URLSearchParams): boolean {
    const { login } = seed
    if (login.kind !== 'oneapi' || form.get('client_id') !== login.clientId) return false
    const { clientId, clientSecret, privateKey } = login
    const assertion = form.get('client_assertion')
    if (assertion === null)
      return clientSecret !== undefined && form.get('client_secret') === clientSecret.reveal()
    if (privateKey === undefined || form.get('client_assertion_type') !== BY_ASSERTION) return false
    return isAssertion(assertion, { clientId, privateKey, audience: AUDIENCE, now: clock.now() })
  }

  return {
    async openSession(body) {
      const { login } = seed
      if (login.kind !== 'legacy') return { status: 400, body: 'This API is available only through OneAPI' }
      const given = new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}))
      const timestamp = Number(given.get('timestamp'))
      if (!(Math.abs(timestamp - clock.now()) < WINDOW)) return invalid('Timestamp is out of range')
      const isRight =
        given.get('username') === login.username &&
        given.get('password') === login.password.reveal() &&
        given.get('apiKey') === mix(login.apiKey.reveal(), String(given.get('timestamp')))
      if (!isRight) {
        return refuse(400, 'INVALID_USERNAME_OR_PASSWORD', 'Username or password or API key is wrong')
      }
      const id = randomBytes(16).toString('hex').toUpperCase()
      document.value.sessions[digest(id)] = { name: login.username, used: clock.now(), editing: false }
      await keep()
      return {
        status: 200,
        body: {
          authType: 'ADMIN_LOGIN',
          obfuscateApiKey: true,
          passwordExpiryTime: 0,
          passwordExpiryDays: 0,
        },
        headers: { 'set-cookie': `JSESSIONID=${id}; Path=/; Secure; HttpOnly` },
      }
    },

    async openToken(text) {
      const form = new URLSearchParams(text)
      const { login } = seed
      const isRight =
        login.kind === 'oneapi' &&
        form.get('grant_type') === 'client_credentials' &&
        form.get('audience') === AUDIENCE &&
        isProven(form)
      if (!isRight) return { status: 400, body: { error: 'invalid_client' }, headers: TOKEN_HEADERS }
      const token = randomBytes(24).toString('base64url')
      const { tokens } = document.value
      for (const [id, { until }] of Object.entries(tokens)) if (until <= clock.now()) delete tokens[id]
      tokens[digest(token)] = { name: login.clientId, until: clock.now() + TOKEN_LIFE * 1000 }
      await keep()
      return {
        status: 200,
        body: { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE },
        headers: TOKEN_HEADERS,
      }
    },

    recognise({ cookie, authorization }) {
      const id = /(?:^|;\s*)JSESSIONID=([0-9A-F]{32})/.exec(cookie ?? '')?.[1]
      if (id !== undefined) return visit(digest(id))
      return bear(digest(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''))
    },

    lapse() {
      const { sessions } = document.value
      const idle = Object.entries(sessions).filter(([, { used }]) => used <= clock.now() - IDLE)
      return idle.map(([id]) => end(id)).includes(true)
    },

    settle() {
      for (const session of Object.values(document.value.sessions)) session.editing = false
    },

    keep,
  }
}

/** The token endpoint counts for itself. */
const TOKEN_HEADERS = {
  'content-type': 'application/json;charset=UTF-8',
  'x-ratelimit-limit': '500, 500;w=1, 100000;w=60',
  'x-ratelimit-remaining': '499',
  'x-ratelimit-reset': '1',
}

/** The key as a client has to mix it: six characters by the time's last digits, six by half of them. */
function mix(key: string, timestamp: string): string {
  const digits = timestamp.slice(-6)
  const half = String(Math.floor(Number(digits) / 2)).padStart(6, '0')
  let mixed = ''
  for (const digit of digits) mixed += key.charAt(Number(digit))
  for (const digit of half) mixed += key.charAt(Number(digit) + 2)
  return mixed
}

const digest = (token: string): string => createHash('sha256').update(token).digest('hex')
