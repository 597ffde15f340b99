import type { Appliance } from '../appliance.ts'
import type { Channel } from '../state.ts'

/** A connection of the service to the cloud. */
export interface Link {
  readonly process: 'sme' | 'smlb' | 'smcdsc'
  readonly local: string
  readonly localPort: number
  readonly remote: string
  readonly remotePort: number
  readonly state: 'ESTABLISHED' | 'SYN_SENT'
}

/** Ports of the channels while they are not on the standard port. */
const PORTS: Readonly<Record<Channel, number>> = { ca: 9422, smsm: 9431, cds: 9442 }
const STANDARD_PORT = 443

/** Where the lab's cloud answers. */
const REMOTES: Readonly<Record<Channel, string>> = {
  ca: '104.129.195.85',
  smsm: '104.129.195.86',
  cds: '104.129.195.87',
}

/** The connections of the service as they are now. Without the cloud's answer they never get beyond the first packet. */
export function planLinks({ state, uplink, service }: Appliance): readonly Link[] {
  const { sme, smlb, cdsc } = state.processes
  const settings = service()
  const { state: standing } = uplink()
  const established = standing === 'stable' || standing === 'suspicious' ? 'ESTABLISHED' : 'SYN_SENT'
  const link = (
    process: Link['process'],
    { channel, local, localPort }: Pick<Link, 'local' | 'localPort'> & { readonly channel: Channel },
  ): Link => ({
    process,
    local,
    localPort,
    remote: REMOTES[channel],
    remotePort: state.standardPort.effective.includes(channel) ? STANDARD_PORT : PORTS[channel],
    state: established,
  })
  const links: Link[] = []
  if (sme !== undefined && settings !== undefined) {
    links.push(link('sme', { channel: 'ca', local: settings.address, localPort: 20_000 + (sme.pid % 9000) }))
    links.push(
      link('sme', { channel: 'smsm', local: settings.address, localPort: 20_001 + (sme.pid % 9000) }),
    )
  }
  if (smlb !== undefined && settings?.loadBalancer !== undefined) {
    links.push(
      link('smlb', { channel: 'ca', local: settings.loadBalancer, localPort: 20_000 + (smlb.pid % 9000) }),
    )
  }
  if (cdsc !== undefined && state.network !== undefined) {
    const { address: local } = state.network
    for (const offset of [0, 1]) {
      links.push(link('smcdsc', { channel: 'cds', local, localPort: 50_000 + (cdsc.pid % 9000) + offset }))
    }
  }
  return links
}
