import type { Appliance } from '../appliance.ts'
import { skewOf, type CarpMember } from './carp.ts'

/** Adapter that the load balancer uses. */
const BALANCER = 2

/** What a machine that is on puts on the wire for its virtual address; none while its load balancer does not run. */
export function describeMember({ machine, state, service }: Appliance): CarpMember | undefined {
  if (state.processes.smlb === undefined) return undefined
  const virtualAddress = service()?.virtualAddress
  if (virtualAddress === undefined) return undefined
  const nic = machine.nics()[BALANCER]
  const policy = nic?.connected === true ? machine.policy(nic.network) : undefined
  const isOpen = policy !== undefined && policy.promiscuous && policy.macChanges && policy.forgedTransmits
  const hears = isOpen && !policy.loops && state.faults['split-brain'] === undefined
  return {
    uuid: machine.uuid,
    virtualAddress,
    vlan: policy?.vlan ?? 0,
    hears,
    skew: skewOf(machine.uuid),
  }
}
