import type { WirePolicy } from '../guest.ts'
import type { Inventory } from './model/inventory.ts'
import type { PolicySettings } from './model/state.ts'

/** What a new virtual switch has where nobody set anything. */
export const SWITCH_POLICY = {
  allowPromiscuous: false,
  macChanges: true,
  forgedTransmits: true,
} as const satisfies Required<PolicySettings>

/** A policy with what it does not say taken from its switch. */
export function inheritPolicy(own: PolicySettings): Required<PolicySettings> {
  return { ...SWITCH_POLICY, ...own }
}

/**
 * What a port group does to the frames of a virtual machine on `host`. `loops`: the host's teamed uplinks bring the
 * machine's own multicast back to it, because the reverse path check for promiscuous ports
 * is off, or was off when they became promiscuous.
 */
export function effectivePolicy(
  inventory: Inventory,
  { host, network }: { readonly host: string; readonly network: string },
): WirePolicy {
  const here = inventory.hosts.find(({ state }) => state.moid === host)
  const standard = here?.state.portGroups.find(({ name }) => name === network)
  const distributed = inventory.state.distributed.find(({ name }) => name === network)
  const rejecting = { allowPromiscuous: false, macChanges: false, forgedTransmits: false }
  const settings =
    standard === undefined
      ? { ...rejecting, ...distributed?.security, ...distributed?.mac }
      : inheritPolicy(standard.security)
  const teamed = (here?.seed.uplinks.length ?? 0) > 1
  const option = here?.state.options['Net.ReversePathFwdCheckPromisc'] ?? 0
  const checked = Number(here?.state.keptChecks?.[network] ?? option) === 1
  return {
    promiscuous: settings.allowPromiscuous,
    macChanges: settings.macChanges,
    forgedTransmits: settings.forgedTransmits,
    loops: teamed && !checked,
    vlan: standard?.vlanId ?? distributed?.vlanId ?? 0,
  }
}
