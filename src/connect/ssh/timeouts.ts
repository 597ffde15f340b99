/** Seconds of wall time that each stage may take: the network is as slow as it is, also where the lab’s machines live faster. */
export interface SshTimeouts {
  /** Until the TCP connection stands. */
  readonly tcp: number
  /** From there to the line in which the server names itself. */
  readonly banner: number
  /** From there to the end of the key exchange. */
  readonly handshake: number
  readonly authentication: number
  /** From asking for a channel to the server’s answer. */
  readonly channel: number
  /** From the exit of a command until nothing more has come of its output, where a service that it started keeps that open. */
  readonly leftovers: number
}

/** An appliance on the other side of the world that is busy needs no more. */
export const TIMEOUTS: SshTimeouts = {
  tcp: 15,
  banner: 20,
  handshake: 30,
  authentication: 45,
  channel: 30,
  leftovers: 5,
}
