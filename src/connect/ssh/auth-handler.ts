import type { AnyAuthMethod, ConnectConfig } from 'ssh2'

import type { Secret } from '../../model/secret.ts'
import type { OpenedKey } from './login-keys.ts'

/** Who logs in, and by what. */
export interface Credentials {
  readonly username: string
  readonly keys: readonly OpenedKey[]
  /** The agent’s socket. */
  readonly agent: string | undefined
  readonly password: Secret | undefined
}

/** What is told while somebody logs in. */
export interface AuthEvents {
  /** The server offers these ways, and nothing is left to try. */
  readonly onRefused: (refusal: {
    readonly tried: readonly string[]
    readonly offered: readonly string[]
  }) => void
  /** The password is given. It is the last thing that is tried: whoever is let in then is let in by it. */
  readonly onPassword: () => void
  /** The server asks for something else than the password. */
  readonly onMore: (prompt: string) => void
}

interface Attempt {
  /** Methods of the protocol that it can be made by; the first that is offered is taken. */
  readonly methods: readonly string[]
  /** What it is called in messages. */
  readonly name: string
  make(method: string): AnyAuthMethod
}

/** Gives the password to the first question that does not echo, once, and nothing to any other. */
function answerByPassword(
  username: string,
  { password, onMore }: { readonly password: Secret; readonly onMore: (prompt: string) => void },
): AnyAuthMethod {
  let given = false
  return {
    type: 'keyboard-interactive',
    username,
    // The library hands over five things: name, instructions, language, prompts, and where the answers go.
    prompt: (...[, , , prompts, answer]) => {
      const [first, ...others] = prompts
      if (first === undefined) return answer([])
      if (given || first.echo === true || others.length > 0) return onMore(first.prompt)
      given = true
      answer([password.reveal()])
    },
  }
}

function planAttempts({ username, keys, agent, password }: Credentials, events: AuthEvents): Attempt[] {
  const attempts: Attempt[] = keys.map(({ path, key }) => ({
    methods: ['publickey'],
    name: `the key ${path}`,
    make: () => ({ type: 'publickey', username, key }),
  }))
  if (agent !== undefined) {
    attempts.push({
      methods: ['publickey'],
      name: 'the agent’s keys',
      make: () => ({ type: 'agent', username, agent }),
    })
  }
  if (password !== undefined) {
    attempts.push({
      methods: ['keyboard-interactive', 'password'],
      name: 'the password',
      make(method) {
        events.onPassword()
        return method === 'password'
          ? { type: 'password', username, password: password.reveal() }
          : answerByPassword(username, { password, onMore: events.onMore })
      },
    })
  }
  return attempts
}

/**
 * Asks what the server offers, then tries what there is, each once: keys, the agent, the password by
 * keyboard-interactive, which appliances want, or by `password` where there is no such thing. A server that wants two of
 * them gets both. A refusal is final.
 */
export function createAuthHandler(
  credentials: Credentials,
  events: AuthEvents,
): NonNullable<ConnectConfig['authHandler']> {
  const left = planAttempts(credentials, events)
  const tried: string[] = []
  return (offered, _partial, next) => {
    const give = next as (method: AnyAuthMethod | false) => void
    // Types say otherwise, but the first time nothing is known yet.
    const known = offered as readonly string[] | null
    if (known === null) return give({ type: 'none', username: credentials.username })
    const at = left.findIndex(({ methods }) => methods.some((method) => known.includes(method)))
    const [attempt] = at === -1 ? [] : left.splice(at, 1)
    const method = attempt?.methods.find((each) => known.includes(each))
    if (attempt === undefined || method === undefined) {
      events.onRefused({ tried, offered: known })
      return give(false)
    }
    tried.push(attempt.name)
    give(attempt.make(method))
  }
}
