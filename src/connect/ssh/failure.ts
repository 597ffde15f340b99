import { AuthError, ConnectError, RunbookError, type ConnectFailure } from '../../model/error.ts'
import { renderPlainText } from '../dialogue/plain-text.ts'

interface WireError {
  readonly message?: unknown
  readonly level?: unknown
  readonly code?: unknown
}

const KINDS: readonly (readonly [RegExp, ConnectFailure])[] = [
  [/ECONNREFUSED|Connection refused/, 'refused'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|No route to host/, 'no-route'],
  [/ENOTFOUND|EAI_|[Nn]ame or service not known|Unknown host/, 'no-name'],
  [/ETIMEDOUT|[Tt]imed out|[Kk]eepalive timeout/, 'timeout'],
  [/ECONNRESET|EPIPE|before handshake|lost before|[Nn]ot connected|[Nn]o response/, 'reset'],
  [/Host denied/, 'host-key'],
]

/** Why a connection failed, in our words, from what the library or the system said. */
export function connectFailureOf(cause: unknown): ConnectFailure {
  const { message, level, code } = cause as WireError
  const text = `${typeof code === 'string' ? code : ''} ${typeof message === 'string' ? message : ''}`
  for (const [pattern, kind] of KINDS) if (pattern.test(text)) return kind
  if (level === 'client-timeout') return 'timeout'
  return level === 'client-socket' ? 'reset' : 'protocol'
}

/** What a server said, on one line and without anything that a terminal would obey. */
export function renderWords(text: string): string {
  return renderPlainText(text.slice(0, 300)).trim().replaceAll(/\s+/g, ' ')
}

/** The error of a server that asks for something else than the password, such as a new one where it has expired. */
export function explainPrompt(prompt: string, place: string): AuthError {
  return new AuthError(`${place} asks for more than the password: “${renderWords(prompt)}”`, {
    hint: 'log in there by hand and answer it; where it wants a new password, put that one into the inventory',
  })
}

/** The error of a server that let nobody in. `tried` is what was given, `offered` what it would take beside. */
export function explainRefusal(
  { tried, offered }: { readonly tried: readonly string[]; readonly offered: readonly string[] },
  place: string,
): AuthError {
  if (tried.length === 0) {
    return new AuthError(`${place} takes nothing that the inventory has: it wants ${offered.join(' or ')}`, {
      hint: 'give a key, the agent or a password under `ssh` in the inventory',
    })
  }
  const list = new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(tried)
  return new AuthError(`${place} refused ${list}`, {
    hint: `check ${tried.includes('the password') ? 'the password' : 'the user and the keys'} in the inventory; nothing is tried again, so that nobody is locked out`,
  })
}

/**
 * The error of a connection that could not be opened. `place` is `zsroot@10.84.0.110:22`; `words` is what the server said
 * before it should have named itself, as it does where it is too busy.
 */
export function explainOpenFailure(
  cause: unknown,
  { place, words = '' }: { readonly place: string; readonly words?: string },
): RunbookError {
  if (cause instanceof RunbookError) return cause
  const { message } = cause as WireError
  const reason = typeof message === 'string' ? message : 'no reason given'
  const after = words === '' ? '' : `, and it said “${words}”`
  return new ConnectError(connectFailureOf(cause), `SSH to ${place} failed: ${reason}${after}`, { cause })
}
