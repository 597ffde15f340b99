import type { SshKey } from '../../model/endpoint.ts'
import type { Address } from '../../model/network.ts'
import type { Secret } from '../../model/secret.ts'

/** A key to log in with. One that an `ssh_config` names is left out where it cannot be used; one of the inventory’s is an error. */
export interface LoginKey extends SshKey {
  readonly optional: boolean
}

/** One server of a route: where it is, who it has to be, and who logs in there by what. */
export interface SshHop {
  /** What is dialled. */
  readonly address: Address
  /** The address under which its host key was learned: the server’s own, however it is reached. */
  readonly identity: Address
  readonly username: string
  readonly password: Secret | undefined
  readonly keys: readonly LoginKey[]
  readonly agent: boolean
  readonly policy: 'announced' | 'first-use'
  /** The host key that the inventory names. */
  readonly announced: string | undefined
  /** Paths of `known_hosts` files. */
  readonly knownHosts: readonly string[]
  readonly legacy: boolean
}

/** The way to a server. */
export interface SshRoute {
  /** The hosts between, the first one dialled first. */
  readonly jumps: readonly SshHop[]
  readonly target: SshHop
}

/** `zsroot@10.84.0.110:22` */
export function renderPlace({ username, address }: Pick<SshHop, 'username' | 'address'>): string {
  return `${username}@${address.host}:${address.port}`
}
