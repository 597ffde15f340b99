import type { SeedPolicy } from '../../model/lab-seed.ts'
import { isNic, networkNameOf } from './machine.ts'
import type { World } from './model/world.ts'
import { effectivePolicy } from './policy.ts'

/** A virtual machine in short. */
type VmStatus = {
  readonly name: string
  readonly host: string
  readonly power: 'poweredOn' | 'poweredOff'
  /** Its import was not completed. */
  readonly importing: boolean
  /** It is kept to be copied. */
  readonly template: boolean
  readonly cpus: number
  readonly memoryMB: number
  readonly instanceUuid: string
  /** Names of its networks, in the order of its adapters. */
  readonly networks: readonly string[]
}

/** A port group as it works, on one host where it is one of a host's own. */
type PortGroupStatus = {
  readonly name: string
  readonly kind: 'standard' | 'distributed'
  readonly host?: string | undefined
  readonly vlan: number
  readonly policy: SeedPolicy
}

/** A vCenter in short: plain data. */
export type VCenterStatus = {
  readonly host: string
  readonly kind: 'vcenter' | 'esxi'
  readonly sessions: number
  readonly hosts: readonly {
    readonly name: string
    readonly options: Readonly<Record<string, number | string>>
  }[]
  readonly vms: readonly VmStatus[]
  readonly portGroups: readonly PortGroupStatus[]
  /** What is still to go wrong with it, and how often. */
  readonly faults: Readonly<Record<string, number>>
}

/** Describes a vCenter as it stands now. */
export function describeStatus({ seed, inventory, vms, sessions, faults }: World): VCenterStatus {
  const policyOf = (host: string, network: string): SeedPolicy => {
    const { promiscuous, macChanges, forgedTransmits } = effectivePolicy(inventory, { host, network })
    return { promiscuous, macChanges, forgedTransmits }
  }
  const nameOf = (moid: string): string =>
    inventory.hosts.find(({ state }) => state.moid === moid)?.seed.name ?? moid
  return {
    host: seed.host,
    kind: seed.kind,
    sessions: sessions.size,
    hosts: inventory.hosts.map(({ state }) => ({ name: state.name, options: { ...state.options } })),
    vms: sortByName(vms.all().map(({ state }) => state)).map((state) => ({
      name: state.name,
      host: nameOf(state.host),
      power: state.power,
      importing: state.importing,
      template: state.template,
      cpus: state.cpus,
      memoryMB: state.memoryMB,
      instanceUuid: state.instanceUuid,
      networks: state.devices.filter(isNic).map((device) => networkNameOf(device, inventory)),
    })),
    portGroups: [
      ...inventory.hosts.flatMap(({ state }) =>
        sortByName(state.portGroups).map(({ name, vlanId }) => ({
          name,
          kind: 'standard' as const,
          host: state.name,
          vlan: vlanId,
          policy: policyOf(state.moid, name),
        })),
      ),
      ...sortByName(inventory.state.distributed).map(({ name, vlanId }) => ({
        name,
        kind: 'distributed' as const,
        vlan: vlanId,
        policy: policyOf('', name),
      })),
    ],
    faults: { ...faults.due() },
  }
}

// Not in the order of making, which says more about the day than about the lab.
function sortByName<T extends { readonly name: string }>(things: readonly T[]): readonly T[] {
  return things.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
