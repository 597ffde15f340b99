import { createHash, randomBytes } from 'node:crypto'

import type { Clock } from '../../model/clock.ts'
import type { SeedTenant } from '../../model/lab-seed.ts'
import { done, invalid, refuse, type Reply } from './reply.ts'

/** Somebody who is signed in. */
export interface Visitor {
  readonly name: string
  /** Ends it; what it has staged is activated, because that is what the end of a session does. */
  end(): void
  /** Told that it has staged something, or that everything staged was activated. */
  editing: boolean
}

/** The doors of a tenant. */
export interface SignIn {
  /** Answers a legacy sign-in with a session's cookie. */
  openSession(body: unknown): Reply
  /** Answers a token request in form encoding. */
  openToken(form: string): Reply
  /** Who sends these headers; nothing where it is nobody, or no longer somebody. */
  recognise(headers: {
    readonly cookie?: string | undefined
    readonly authorization?: string | undefined
  }): Visitor | undefined
  /** Ends the sessions that have been idle for too long. */
  lapse(): void
  /** Everything staged was activated: no session's end has anything to activate. */
  settle(): void
}

/** A default session ends after five idle minutes. */
const IDLE = 300_000
const WINDOW = 7_200_000
const TOKEN_LIFE = 3600

interface Session {
  readonly name: string
  used: number
  editing: boolean
}

/** Makes the doors of a tenant. `activate` is what the end of a session that has edits does. */
export function createSignIn(
  seed: SeedTenant,
  { clock, activate }: { readonly clock: Clock; readonly activate: () => void },
): SignIn {
  const sessions = new Map<string, Session>()
  const tokens = new Map<string, { readonly name: string; readonly until: number }>()

  function end(id: string): void {
    const session = sessions.get(id)
    sessions.delete(id)
    if (session?.editing === true) activate()
  }

  function visit(id: string): Visitor | undefined {
    const session = sessions.get(id)
    if (session === undefined) return undefined
    session.used = clock.now()
    return {
      name: session.name,
      end: () => end(id),
      get editing() {
        return session.editing
      },
      set editing(value) {
        session.editing = value
      },
    }
  }

  return {
    openSession(body) {
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
      sessions.set(id, { name: login.username, used: clock.now(), editing: false })
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

    openToken(form) {
      const { login } = seed
      const given = new URLSearchParams(form)
      const isRight =
        login.kind === 'oneapi' &&
        given.get('grant_type') === 'client_credentials' &&
        given.get('audience') === 'https://api.zscaler.com' &&
        given.get('client_id') === login.clientId &&
        given.get('client_secret') === login.clientSecret.reveal()
      if (!isRight) return { status: 400, body: { error: 'invalid_client' } }
      const token = randomBytes(24).toString('base64url')
      tokens.set(digest(token), { name: login.clientId, until: clock.now() + TOKEN_LIFE * 1000 })
      return done({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE })
    },

    recognise({ cookie, authorization }) {
      const id = /(?:^|;\s*)JSESSIONID=([0-9A-F]{32})/.exec(cookie ?? '')?.[1]
      if (id !== undefined) return visit(id)
      const token = digest(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '')
      const known = tokens.get(token)
      if (known === undefined || known.until <= clock.now()) return undefined
      return { name: known.name, end: () => void tokens.delete(token), editing: false }
    },

    lapse() {
      for (const [id, { used }] of sessions) if (used <= clock.now() - IDLE) end(id)
    },

    settle() {
      for (const session of sessions.values()) session.editing = false
    },
  }
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
