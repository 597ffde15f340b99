import type { Socket } from 'node:net'

import { Client, type AnyAuthMethod, type ConnectConfig } from 'ssh2'

import type { SshEndpoint } from '../../model/endpoint.ts'
import { ConnectError, type RunbookError } from '../../model/error.ts'
import type { Network } from '../../model/network.ts'
import { untilAborted, withDeadline } from '../deadline.ts'
import { fingerprintOf, judgeHostKey, type HostKeys } from '../host-keys.ts'
import { ALGORITHMS } from './algorithms.ts'
import { explainOpenFailure, explainPrompt } from './failure.ts'

/** Seconds of wall time that each stage of opening may take. */
export interface OpenTimeouts {
  readonly tcp: number
  /** From the TCP connection to the end of the key exchange, the server’s greeting included. */
  readonly handshake: number
  readonly authentication: number
}

/** What is needed to open a connection. */
export interface OpenOptions {
  readonly network: Network
  readonly hostKeys: HostKeys
  readonly policy: 'announced' | 'first-use'
  readonly signal: AbortSignal
  readonly timeouts?: Partial<OpenTimeouts> | undefined
}

/** An authenticated client and the host key it verified. */
export interface OpenedClient {
  readonly client: Client
  readonly fingerprint: string
}

const TIMEOUTS: OpenTimeouts = { tcp: 15, handshake: 30, authentication: 45 }

/**
 * Asks what the server offers, then gives the password once: by keyboard-interactive, which appliances want, or by
 * `password` where there is no such thing. A refusal is final. What else the server asks for is told to `onMore`.
 */
function createAuthHandler(
  { username, password }: Pick<SshEndpoint, 'username' | 'password'>,
  { onMore }: { readonly onMore: (prompt: string) => void },
): ConnectConfig['authHandler'] {
  let tried = false
  return (offered, _partial, next) => {
    const give = next as (method: AnyAuthMethod | false) => void
    if ((offered as readonly string[] | null) === null) return give({ type: 'none', username })
    if (tried) return give(false)
    tried = true
    if (offered.includes('keyboard-interactive')) {
      let given = false
      return give({
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
      })
    }
    return give(
      offered.includes('password') ? { type: 'password', username, password: password.reveal() } : false,
    )
  }
}

async function dial(endpoint: SshEndpoint, { network, signal, timeouts }: OpenOptions): Promise<Socket> {
  const place = `${endpoint.host}:${endpoint.port}`
  return withDeadline((bounded) => untilAborted(network.dial(endpoint, { signal: bounded }), bounded), {
    signal,
    seconds: timeouts?.tcp ?? TIMEOUTS.tcp,
    late: () => new ConnectError('timeout', `${place} did not accept a TCP connection in time`),
  })
}

/** Opens a connection: own socket, verified host key, one attempt at the password. */
export async function openClient(endpoint: SshEndpoint, options: OpenOptions): Promise<OpenedClient> {
  const { hostKeys, policy, signal, timeouts } = options
  const address = { host: endpoint.host, port: endpoint.port }
  const place = `${endpoint.username}@${endpoint.host}:${endpoint.port}`
  const sock = await dial(endpoint, options)
  const client = new Client()
  let fingerprint = ''
  let refusal: RunbookError | undefined

  const config: ConnectConfig = {
    sock,
    username: endpoint.username,
    algorithms: ALGORITHMS,
    readyTimeout: 0,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer) => {
      fingerprint = fingerprintOf(key)
      refusal = judgeHostKey(hostKeys.find(address), { address, fingerprint, policy })
      return refusal === undefined
    },
  }
  const authHandler = createAuthHandler(endpoint, {
    onMore(prompt) {
      refusal = explainPrompt(prompt, place)
      client.destroy()
    },
  })
  if (authHandler !== undefined) config.authHandler = authHandler

  const failed = new Promise<never>((_resolve, reject) => {
    // An error after the connection is up is told by 'close'; this listener keeps it from being thrown.
    client.on('error', (cause) => reject(refusal ?? explainOpenFailure(cause, place)))
    client.once('close', () =>
      reject(refusal ?? new ConnectError('reset', `${place} closed the connection before it was ready`)),
    )
  })
  failed.catch(() => undefined)
  const reached = (event: 'handshake' | 'ready', stage: 'handshake' | 'authentication'): Promise<void> => {
    const happened = new Promise<void>((resolve) => {
      client.once(event as 'ready', () => resolve())
    })
    return withDeadline((bounded) => untilAborted(Promise.race([happened, failed]), bounded), {
      signal,
      seconds: timeouts?.[stage] ?? TIMEOUTS[stage],
      late: () => new ConnectError('timeout', `${place} did not finish the SSH ${stage} in time`),
    })
  }

  try {
    const shaken = reached('handshake', 'handshake')
    const ready = reached('ready', 'authentication')
    ready.catch(() => undefined)
    client.connect(config)
    await shaken
    await ready
    if (hostKeys.find(address) === undefined)
      await hostKeys.learn(address, { fingerprint, source: 'first-use' })
    return { client, fingerprint }
  } catch (cause) {
    client.destroy()
    sock.destroy()
    throw cause
  }
}
