import type { Socket } from 'node:net'

/** An address as the inventory writes it. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * The way to the world. Every connection of a run is dialled through it, so the lab can stand in for the world and no
 * client can tell.
 */
export interface Network {
  /** Opens a TCP connection with no delay; rejects with a `ConnectError`. */
  dial(address: Address, options: { readonly signal: AbortSignal }): Promise<Socket>
  /** PEM certificates trusted beside the system's; empty in the real world unless the user names some. */
  readonly trusted: readonly string[]
}
