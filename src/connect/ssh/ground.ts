import type { Duplex } from 'node:stream'

import type { Client } from 'ssh2'

import type { Clock } from '../../model/clock.ts'
import type { SshEndpoint } from '../../model/endpoint.ts'
import { AuthError, ConnectError, RunbookError } from '../../model/error.ts'
import type { Address, Network } from '../../model/network.ts'
import { untilAborted, withDeadline } from '../deadline.ts'
import type { HostKeys } from '../host-keys.ts'
import { createShared, type Shared } from '../shared.ts'
import { connectFailureOf } from './failure.ts'
import { createGate, type Gate } from './gate.ts'
import { createKnownHostFiles } from './known-host-files.ts'
import { createKeyRing } from './login-keys.ts'
import { openClient, type OpenedClient, type OpenStage } from './open-client.ts'
import { planRoute } from './plan-route.ts'
import { renderPlace, type SshHop, type SshRoute } from './route.ts'
import { readSshConfig, USUAL_SSH_CONFIG, type SshConfigFile } from './ssh-config.ts'
import { TIMEOUTS, type SshTimeouts } from './timeouts.ts'

/** What the SSH connections of a run are made with. */
export interface SshGroundOptions {
  readonly network: Network
  readonly clock: Clock
  readonly hostKeys: HostKeys
  /** Paths of the `known_hosts` files that are believed; none in the lab, whose addresses may be those of real machines. */
  readonly knownHosts: readonly string[]
}

/** How one connection is made. */
export interface ConnectOptions {
  /** `announced`: the host key has to be known. `first-use`: the first one seen is kept. */
  readonly policy: 'announced' | 'first-use'
  readonly signal: AbortSignal
  readonly timeouts?: Partial<SshTimeouts> | undefined
}

/** What all SSH connections of a run share: the connections to jump hosts, and the pace at which a server is dialled. */
export interface SshGround {
  readonly clock: Clock
  /** Logs in. Only a connection that broke before the server named itself is tried again: it was too busy. */
  connect(endpoint: SshEndpoint, options: ConnectOptions): Promise<OpenedClient>
  /** Closes the connections to jump hosts. */
  close(): Promise<void>
}

/**
 * How many log-ins may be under way at one server, and behind one jump host. By default an sshd begins to turn some away
 * at ten.
 */
const [AT_SERVER, BEHIND_JUMP] = [4, 8]

/** How often a server that is too busy is tried, and the milliseconds between the first two; each pause is twice the last. */
const [TRIES, PAUSE] = [7, 200]

interface JumpHost {
  readonly client: Client
  isOpen(): boolean
}

function forward(client: Client, { host, port }: Address): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(new ConnectError('closed', 'the connection to the jump host was lost'))
    client.once('close', lost)
    try {
      client.forwardOut('127.0.0.1', 0, host, port, (cause, channel) => {
        client.off('close', lost)
        if (cause === undefined) resolve(channel)
        else reject(cause)
      })
    } catch (cause) {
      client.off('close', lost)
      reject(cause)
    }
  })
}

/**
 * The error of a server that could not be reached over a jump host. That the jump host refused somebody says nothing about
 * the server: it is no `AuthError` of that.
 */
function explainWay(cause: unknown, what: string): ConnectError {
  const { message } = cause as Error
  const hint =
    cause instanceof RunbookError ? cause.hint : 'does the jump host reach it, and allow TCP forwarding?'
  const kind =
    cause instanceof ConnectError
      ? cause.kind
      : cause instanceof AuthError
        ? 'closed'
        : connectFailureOf(cause)
  return new ConnectError(kind, `${what}: ${message}`, { cause, ...(hint === undefined ? {} : { hint }) })
}

/** Makes the ground of one run; nothing is opened before it is needed. */
export function createSshGround({ network, clock, hostKeys, knownHosts }: SshGroundOptions): SshGround {
  const listed = createKnownHostFiles()
  const ring = createKeyRing()
  const gates = new Map<string, Gate>()
  const configs = new Map<string, Promise<SshConfigFile>>()
  const jumpHosts = new Map<string, Shared<JumpHost>>()
  const refusals = new Map<string, AuthError>()

  function gateOf(name: string, size: number): Gate {
    const gate = gates.get(name) ?? createGate(size)
    gates.set(name, gate)
    return gate
  }

  async function planWay(endpoint: SshEndpoint, policy: ConnectOptions['policy']): Promise<SshRoute> {
    const written = endpoint.ways?.config
    if (written === undefined) return planRoute(endpoint, { policy, knownHosts })
    const path = written === true ? USUAL_SSH_CONFIG : written
    const reading = configs.get(path) ?? readSshConfig(path)
    configs.set(path, reading)
    return planRoute(endpoint, { policy, knownHosts, config: await reading })
  }

  const renderChain = (jumps: readonly SshHop[]): string => jumps.map(renderPlace).join(' ')

  async function openJump(jumps: readonly SshHop[], signal: AbortSignal): Promise<JumpHost> {
    const target = jumps.at(-1)
    if (target === undefined) throw new ConnectError('absent', 'there is no jump host')
    const chain = renderChain(jumps)
    const refused = refusals.get(chain)
    if (refused !== undefined) throw refused
    const way = { jumps: jumps.slice(0, -1), target }
    const { client } = await logIn(way, { signal, timeouts: TIMEOUTS }).catch((cause: unknown) => {
      // Everybody behind it would try the same again, until the account is locked.
      if (cause instanceof AuthError) refusals.set(chain, cause)
      throw cause
    })
    let open = true
    client.once('close', () => {
      open = false
    })
    // Everything behind it waits for its end, which may be hundreds.
    client.setMaxListeners(0)
    return { client, isOpen: () => open }
  }

  function jumpHostOf(jumps: readonly SshHop[]): Shared<JumpHost> {
    const chain = renderChain(jumps)
    const known = jumpHosts.get(chain)
    if (known !== undefined) return known
    const fresh = createShared<JumpHost>({
      open: ({ signal }) => openJump(jumps, signal),
      isOpen: (jump) => jump.isOpen(),
      close: async ({ client }) => void client.end(),
    })
    jumpHosts.set(chain, fresh)
    return fresh
  }

  /** A connection to a server, directly or through the last of the jump hosts. */
  async function dial({ jumps, target }: SshRoute, signal: AbortSignal): Promise<Duplex> {
    const { address } = target
    const last = jumps.at(-1)
    if (last === undefined) return untilAborted(network.dial(address, { signal }), signal)
    const over = renderPlace(last)
    try {
      const { client } = await jumpHostOf(jumps).take({ signal })
      return await untilAborted(forward(client, address), signal)
    } catch (cause) {
      signal.throwIfAborted()
      throw explainWay(cause, `${renderPlace(target)} cannot be reached over ${over}`)
    }
  }

  async function tryOnce(
    route: SshRoute,
    given: Pick<ConnectOptions, 'signal'> & {
      readonly timeouts: SshTimeouts
      readonly onStage: (stage: OpenStage) => void
    },
  ): Promise<OpenedClient> {
    const { target, jumps } = route
    const { signal, timeouts } = given
    const keys = await ring.open(target.keys)
    const known = await listed.find(target.address, target.knownHosts)
    const patience = timeouts.tcp * (jumps.length === 0 ? 1 : 4)
    const socket = await withDeadline((bounded) => dial(route, bounded), {
      signal,
      seconds: patience,
      late: () => {
        const { host, port } = target.address
        return new ConnectError('timeout', `${host}:${port} did not accept a TCP connection in time`)
      },
    })
    return openClient(target, { ...given, socket, keys, hostKeys, knownHosts: known })
  }

  /** Logs in, again where the server was too busy to name itself. A wrong password is never given twice. */
  async function logIn(
    route: SshRoute,
    { signal, timeouts }: Pick<ConnectOptions, 'signal'> & { readonly timeouts: SshTimeouts },
  ): Promise<OpenedClient> {
    const { host, port } = route.target.address
    const chain = renderChain(route.jumps)
    const way = [gateOf(`at ${host}:${port} ${chain}`, AT_SERVER)]
    if (chain !== '') way.unshift(gateOf(`behind ${chain}`, BEHIND_JUMP))
    for (let tries = 1; ; tries += 1) {
      let stage: OpenStage | undefined
      const passed: (() => void)[] = []
      try {
        for (const gate of way) passed.push(await gate.enter({ signal }))
        return await tryOnce(route, { signal, timeouts, onStage: (next) => (stage = next) })
      } catch (cause) {
        const isBusy = stage === 'banner' && cause instanceof ConnectError && cause.kind === 'reset'
        if (!isBusy || tries === TRIES) throw cause
      } finally {
        for (const leave of passed) leave()
      }
      // Those that were turned away together must not come back together.
      await clock.sleep(PAUSE * 2 ** (tries - 1) * (0.5 + Math.random()), { signal })
    }
  }

  return {
    clock,
    async connect(endpoint, { policy, signal, timeouts }) {
      const route = await planWay(endpoint, policy)
      return logIn(route, { signal, timeouts: { ...TIMEOUTS, ...timeouts } })
    },
    async close() {
      // A chain is asked for from its end, so that what goes over another one stands before it.
      const open = [...jumpHosts.values()]
      jumpHosts.clear()
      for (const jump of open) await jump.close()
    },
  }
}
