import type { Duplex } from 'node:stream'

import { Client, type ConnectConfig } from 'ssh2'

import { ConnectError, type RunbookError } from '../../model/error.ts'
import { untilAborted, withDeadline } from '../deadline.ts'
import { fingerprintOf, judgeHostKey, type HostKeys, type KnownHost } from '../host-keys.ts'
import { selectAlgorithms } from './algorithms.ts'
import { createAuthHandler } from './auth-handler.ts'
import { explainOpenFailure, explainPrompt, explainRefusal, renderWords } from './failure.ts'
import { joinWrites } from './join-writes.ts'
import type { OpenedKey } from './login-keys.ts'
import { renderPlace, type SshHop } from './route.ts'
import type { SshTimeouts } from './timeouts.ts'

/** How far opening has come. */
export type OpenStage = 'banner' | 'handshake' | 'authentication'

/** What is needed to log in over a socket. */
export interface OpenOptions {
  /** A connection to the server on which nothing was said yet; destroyed where logging in fails. */
  readonly socket: Duplex
  readonly keys: readonly OpenedKey[]
  readonly hostKeys: HostKeys
  readonly knownHosts: readonly KnownHost[]
  readonly signal: AbortSignal
  readonly timeouts: SshTimeouts
  readonly onStage: (stage: OpenStage) => void
}

/** An authenticated client and the host key it verified. */
export interface OpenedClient {
  readonly client: Client
  readonly fingerprint: string
  /** Whether the password was needed: where a key or the agent did it, nothing is known of the password. */
  readonly byPassword: boolean
}

/** Bytes that a server may say before it names itself, as far as they are looked at. */
const PREFACE = 64 * 1024

const STAGES = {
  banner: 'said nothing that begins an SSH connection',
  handshake: 'did not finish the SSH handshake',
  authentication: 'did not finish the SSH authentication',
} satisfies Record<OpenStage, string>

/** Listens along until the server has named itself. Listening takes nothing away from the client. */
function watchBanner(socket: Duplex): { readonly named: Promise<void>; readonly said: () => string } {
  let text = ''
  const named = new Promise<void>((resolve) => {
    const listen = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!/^SSH-[^\n]*\n/m.test(text) && text.length < PREFACE) return
      socket.off('data', listen)
      resolve()
    }
    socket.on('data', listen)
  })
  return { named, said: () => text }
}

/** Opens a connection over a socket: host key verified, everything there is to log in with tried once. */
export async function openClient(hop: SshHop, options: OpenOptions): Promise<OpenedClient> {
  const { socket, keys, hostKeys, knownHosts, signal, timeouts, onStage } = options
  const { identity, policy, announced, username, password, legacy } = hop
  const place = renderPlace(hop)
  const agent = hop.agent ? process.env['SSH_AUTH_SOCK'] : undefined
  const client = new Client()
  let fingerprint = ''
  let byPassword = false
  let refusal: RunbookError | undefined

  const config: ConnectConfig = {
    sock: joinWrites(socket),
    username,
    algorithms: selectAlgorithms({ legacy, knownTypes: knownHosts.map(({ type }) => type) }),
    readyTimeout: 0,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer) => {
      fingerprint = fingerprintOf(key)
      const check = { address: identity, fingerprint, policy, announced, knownHosts, file: hostKeys.path }
      refusal = judgeHostKey(hostKeys.find(identity), check)
      return refusal === undefined
    },
    authHandler: createAuthHandler(
      { username, keys, agent: agent === '' ? undefined : agent, password },
      {
        onPassword() {
          byPassword = true
        },
        onMore(prompt) {
          refusal = explainPrompt(prompt, place)
          client.destroy()
        },
        onRefused(refused) {
          refusal = explainRefusal(refused, place)
        },
      },
    ),
  }

  let said = (): string => ''
  const explain = (cause: unknown): RunbookError => {
    const words = renderWords(said().replace(/^SSH-[^]*/m, ''))
    return explainOpenFailure(cause, { place, words })
  }
  const failed = new Promise<never>((_resolve, reject) => {
    // An error after the connection is up is told by 'close'; this listener keeps it from being thrown.
    client.on('error', (cause) => reject(refusal ?? explain(cause)))
    client.once('close', () => reject(refusal ?? explain(new Error('Connection lost before it was ready'))))
  })
  failed.catch(() => undefined)

  /** Waits for the end of a stage. What comes next is listened for before, as it may come in the same moment. */
  function reach(stage: OpenStage, happened: Promise<void>): Promise<void> {
    onStage(stage)
    return withDeadline((bounded) => untilAborted(Promise.race([happened, failed]), bounded), {
      signal,
      seconds: timeouts[stage],
      late: () => new ConnectError('timeout', `${place} ${STAGES[stage]} within ${timeouts[stage]} seconds`),
    })
  }
  const told = (event: 'handshake' | 'ready'): Promise<void> =>
    new Promise((resolve) => {
      client.once(event as 'ready', () => resolve())
    })

  try {
    const [shaken, ready] = [told('handshake'), told('ready')]
    client.connect(config)
    const banner = watchBanner(socket)
    said = banner.said
    await reach('banner', banner.named)
    await reach('handshake', shaken)
    await reach('authentication', ready)
    const isLearned = hostKeys.find(identity)?.fingerprint === fingerprint
    const isListed = knownHosts.some((known) => known.fingerprint === fingerprint)
    // A machine that is in `known_hosts`, or announced, is no longer one that nobody has reached.
    const isNews = !isListed || hostKeys.isAwaited(identity)
    if (!isLearned && isNews) await hostKeys.learn(identity, { fingerprint, source: 'first-use' })
    return { client, fingerprint, byPassword }
  } catch (cause) {
    client.destroy()
    socket.destroy()
    throw cause
  }
}
