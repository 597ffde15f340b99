/** A running load balancer on the wire. */
export interface CarpMember {
  readonly uuid: string
  readonly virtualAddress: string
  /** VLAN of its third adapter. */
  readonly vlan: number
  /** Its port group lets it hear and speak as the virtual MAC address. */
  readonly hears: boolean
  /** The lowest one becomes master. */
  readonly skew: number
}

/** A member's part in its virtual address. */
export interface CarpRole {
  readonly role: 'MASTER' | 'BACKUP'
  readonly virtualAddress: string
  /** Last part of the virtual address. */
  readonly vhid: number
  readonly vmac: string
  readonly skew: number
}

/** The skew that a member advertises, from its machine's name: stable, and different enough within a cluster. */
export function skewOf(uuid: string): number {
  let hash = 7
  for (const character of uuid) hash = (hash * 31 + character.charCodeAt(0)) % 8191
  return hash % 240
}

/** Members that a member takes itself to be alone with: all that hear each other in its VLAN, or only itself. */
function audience(member: CarpMember, members: readonly CarpMember[]): readonly CarpMember[] {
  if (!member.hears) return [member]
  return members.filter(
    (other) => other.hears && other.virtualAddress === member.virtualAddress && other.vlan === member.vlan,
  )
}

/** Elects: a member is master unless it hears one with a lower skew. Those who hear nobody all are. */
export function planRole(member: CarpMember, members: readonly CarpMember[]): CarpRole {
  const isBeaten = audience(member, members).some(
    (other) => other.skew < member.skew || (other.skew === member.skew && other.uuid < member.uuid),
  )
  const vhid = Number(member.virtualAddress.split('.').at(-1))
  return {
    role: isBeaten ? 'BACKUP' : 'MASTER',
    virtualAddress: member.virtualAddress,
    vhid,
    vmac: `00:00:5e:00:01:${vhid.toString(16).padStart(2, '0')}`,
    skew: member.skew,
  }
}
