import { AuthError, ConnectError, RunbookError, type ConnectFailure } from '../../model/error.ts'
import { renderPlainText } from '../dialogue/plain-text.ts'

interface WireError {
  readonly message?: unknown
  readonly level?: unknown
  readonly code?: unknown
}

const KINDS: readonly (readonly [RegExp, ConnectFailure])[] = [
  [/ECONNREFUSED/, 'refused'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/, 'no-route'],
  [/ENOTFOUND|EAI_/, 'no-name'],
  [/ETIMEDOUT|[Tt]imed out|[Kk]eepalive timeout/, 'timeout'],
  [/ECONNRESET|EPIPE|before handshake|[Nn]ot connected|[Nn]o response/, 'reset'],
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

/** The error of a server that asks for something else than the password, such as a new one where it has expired. */
export function explainPrompt(prompt: string, place: string): AuthError {
  const words = renderPlainText(prompt.slice(0, 300)).trim().replaceAll(/\s+/g, ' ')
  return new AuthError(`${place} asks for more than the password: “${words}”`, {
    hint: 'log in there by hand and answer it; where it wants a new password, put that one into the inventory',
  })
}

/** The error of a connection that could not be opened. `place` is `zsroot@10.84.0.110:22`. */
export function explainOpenFailure(cause: unknown, place: string): RunbookError {
  if (cause instanceof RunbookError) return cause
  const { message, level } = cause as WireError
  if (level === 'client-authentication') {
    return new AuthError(`${place} refused the password`, {
      hint: 'check the password in the inventory; it is not tried again, so that nobody is locked out',
      cause,
    })
  }
  const reason = typeof message === 'string' ? message : 'no reason given'
  return new ConnectError(connectFailureOf(cause), `SSH to ${place} failed: ${reason}`, { cause })
}
