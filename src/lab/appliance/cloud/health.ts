import type { CloudView } from '../../cloud.ts'
import type { ServiceSettings } from '../state.ts'
import type { Uplink } from './uplink.ts'

/** A member of a cluster as a load balancer's probes find it. */
export interface MemberHealth {
  readonly name: string
  readonly address: string
  readonly healthy: boolean
  /** Why not, or what answered. */
  readonly reason: string
}

/** A machine of the lab that could be a member. */
export interface Candidate {
  readonly settings: ServiceSettings | undefined
  readonly uplink: Uplink
}

/** What probes depend on. */
export interface HealthParts {
  readonly serial: string
  readonly clouds: readonly CloudView[]
  /** Every machine of the lab that is on. */
  readonly candidates: readonly Candidate[]
}

/** Probes every node of the cluster that a certificate's instance belongs to, through the cloud's firewall policy. */
export function planHealth({ serial, clouds, candidates }: HealthParts): readonly MemberHealth[] {
  for (const cloud of clouds) {
    const own = cloud.nodeOf(serial)
    const cluster = own === undefined ? undefined : cloud.clusterOf(own)
    if (cluster === undefined) continue
    const addresses = cluster.nodes.flatMap((node) => [
      node.ipAddress,
      ...(node.loadBalancerIpAddress === undefined ? [] : [node.loadBalancerIpAddress]),
    ])
    const isAllowed = cloud.allows([...addresses, cluster.ipAddress])
    return cluster.nodes.map(({ name, ipAddress: address }) => {
      const candidate = candidates.find(({ settings }) => settings?.address === address)
      const isUp = candidate?.uplink.state === 'stable'
      const reason = isUp ? (isAllowed ? 'HTTP 200' : 'ICMP and HTTP probes denied') : 'no answer'
      return { name, address, healthy: isUp && isAllowed, reason }
    })
  }
  return []
}
