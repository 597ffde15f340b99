/** A channel to the cloud that can be moved to port 443. */
export type Channel = 'ca' | 'cds' | 'smsm'

/** The ports of the channels while they are not on the standard port. */
export const PORTS: Readonly<Record<Channel, number>> = { ca: 9422, smsm: 9431, cds: 9442 }

export const CHANNELS: readonly Channel[] = ['ca', 'cds', 'smsm']

export const STANDARD = 443

/** One TCP connection of the appliance to the cloud. */
export interface Link {
  readonly remotePort: number
  readonly established: boolean
}

/**
 * Reads connections in the form of netstat, `10.84.0.111.20017 104.129.195.85.9422 ESTABLISHED`, and of sockstat,
 * `10.84.0.110:50017 104.129.195.87:9442`, which shows only those that are established.
 */
export function parseLinks(text: string): readonly Link[] {
  const links: Link[] = []
  for (const line of text.split('\n')) {
    const ends = [...line.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}[.:](\d{1,5})\b/g)]
    const remote = ends[1]?.[1]
    if (remote === undefined) continue
    const state = /\b(?:ESTABLISHED|SYN_SENT|LISTEN|CLOSED|CLOSING|[A-Z]+_WAIT(?:_\d)?|LAST_ACK)\b/.exec(
      line,
    )?.[0]
    links.push({ remotePort: Number(remote), established: state === undefined || state === 'ESTABLISHED' })
  }
  return links
}

/**
 * What a channel uses: its own port, or the standard one. Where it has no connection on its own port, and those on the standard
 * one may be another channel's, it is `unset` if it was certainly not put there from here, and else `either`. Undefined where
 * nothing tells.
 */
export type PortUse = 'own' | 'standard' | 'unset' | 'either' | undefined

/** What each channel uses, as far as the connections tell. */
export type Ports = Readonly<Record<Channel, PortUse>>

/** What tells which ports are used. */
export interface PortSigns {
  /** Connections of the service to the cloud. */
  readonly service: readonly Link[]
  /** Connections of the client of the configuration service, which talks to nobody else. */
  readonly cds: readonly Link[]
  /** Channels that are known to be connected all the time, so that they use what there is. */
  readonly stable: readonly Channel[]
  /** Channels that were last put on the standard port from here; undefined where nobody knows. */
  readonly set: readonly string[] | undefined
}

/**
 * Tells which channels are on the standard port. That there is no connection on its own port at the moment proves nothing:
 * a channel has to be known to have been moved, or, where nobody knows, to be connected nevertheless.
 */
export function planPorts({ service, cds, stable, set }: PortSigns): Ports {
  const judge = (channel: Channel, links: readonly Link[]): PortUse => {
    if (links.some(({ remotePort }) => remotePort === PORTS[channel])) return 'own'
    if (!links.some(({ remotePort }) => remotePort === STANDARD)) return undefined
    if ((set ?? stable).includes(channel)) return 'standard'
    return set === undefined ? 'either' : 'unset'
  }
  return { ca: judge('ca', service), smsm: judge('smsm', service), cds: judge('cds', cds) }
}
