import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'

import type { SshEndpoint, SshJump, SshKey, SshWays } from '../../model/endpoint.ts'
import { ConfigError } from '../../model/error.ts'
import type { LoginKey, SshHop, SshRoute } from './route.ts'
import type { SshConfigFile } from './ssh-config.ts'

/** What a route is planned with beside the endpoint. */
export interface RouteOptions {
  /** Whether the server’s first host key is kept unseen. */
  readonly policy: 'announced' | 'first-use'
  /** The usual `known_hosts` files. */
  readonly knownHosts: readonly string[]
  /** Present where the inventory says that an `ssh_config` is honoured. */
  readonly config?: SshConfigFile | undefined
}

/** What OpenSSH tries where nothing names a key. */
const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(homedir(), '.ssh', name))

/** As many as a chain of jump hosts in an `ssh_config` may have; more is a circle. */
const MOST = 8

const ours = (keys: readonly SshKey[] = []): readonly LoginKey[] =>
  keys.map((key) => ({ ...key, optional: false }))

const theirs = (paths: readonly string[]): readonly LoginKey[] =>
  paths.map((path) => ({ path, optional: true }))

function planJump(
  { host, port, username, password, keys, agent = false, hostKey, fingerprint }: SshJump,
  { knownHosts, legacy }: { readonly knownHosts: readonly string[]; readonly legacy: boolean },
): SshHop {
  const address = { host, port }
  return {
    address,
    identity: address,
    username,
    password,
    keys: ours(keys),
    agent,
    policy: hostKey,
    announced: fingerprint,
    knownHosts,
    legacy,
  }
}

/** The hops that `ProxyJump` names, each as the same file describes it; only the first may have more in front of it. */
function planProxyJump(
  names: readonly string[],
  { config, knownHosts, room }: { config: SshConfigFile; knownHosts: readonly string[]; room: number },
): readonly SshHop[] {
  if (names.length > room) {
    throw new ConfigError(
      `ProxyJump ${names.join(',')} of the ssh_config leads over more than ${MOST} hosts`,
      {
        hint: 'does a jump host lead back to itself?',
      },
    )
  }
  return names.flatMap((written, index): readonly SshHop[] => {
    const [, user, host = '', given] =
      /^(?:ssh:\/\/)?(?:(.+)@)?\[?([^\]@]+?)\]?(?::(\d+))?$/.exec(written) ?? []
    const entry = config.find(host, { username: user })
    const address = { host: entry.hostName ?? host, port: Number(given ?? entry.port ?? 22) }
    const keys = entry.identityFiles.length > 0 ? entry.identityFiles : USUAL_KEYS
    const hop: SshHop = {
      address,
      identity: address,
      username: user ?? entry.username ?? userInfo().username,
      password: undefined,
      keys: theirs(keys),
      agent: true,
      policy: 'announced',
      announced: undefined,
      knownHosts: entry.knownHosts ?? knownHosts,
      legacy: false,
    }
    if (index > 0) return [hop]
    return [...planProxyJump(entry.proxyJump, { config, knownHosts, room: room - names.length }), hop]
  })
}

/**
 * Plans the way to a server: what the inventory says first, then what the `ssh_config` says where the inventory asks for
 * it, then the server’s own address.
 */
export function planRoute(endpoint: SshEndpoint, { policy, knownHosts, config }: RouteOptions): SshRoute {
  const ways: SshWays = endpoint.ways ?? {}
  const host = ways.host ?? endpoint.host
  const entry = config?.find(host, { username: ways.username })
  const files = entry?.knownHosts ?? knownHosts
  const { legacy = false, passwordOnly = false } = ways
  const target: SshHop = {
    address: { host: entry?.hostName ?? host, port: ways.port ?? entry?.port ?? endpoint.port },
    identity: { host: endpoint.host, port: endpoint.port },
    username: ways.username ?? entry?.username ?? endpoint.username,
    password: endpoint.password,
    keys: passwordOnly ? [] : [...ours(ways.keys), ...theirs(entry?.identityFiles ?? [])],
    agent: !passwordOnly && (ways.agent ?? config !== undefined),
    policy,
    announced: undefined,
    knownHosts: files,
    legacy,
  }
  if (ways.jumps !== undefined || config === undefined) {
    return { target, jumps: (ways.jumps ?? []).map((jump) => planJump(jump, { knownHosts, legacy: false })) }
  }
  return { target, jumps: planProxyJump(entry?.proxyJump ?? [], { config, knownHosts, room: MOST }) }
}
