/** What a tenant configures, by the name of the resource in its URL. */
export const KINDS = [
  'virtualZenNodes',
  'virtualZenClusters',
  'locations',
  'firewallFilteringRules',
  'ipSourceGroups',
] as const

export type Kind = (typeof KINDS)[number]

/** An object as the tenant keeps it: whole, with every default filled in. */
export interface Stored {
  readonly id: number
  readonly name: string
  readonly [field: string]: unknown
}

/** One state of a tenant's configuration. */
export type Configuration = Record<Kind, Stored[]>

/** All that a tenant has to remember. */
export interface TenantState {
  /** How often all of this was written as a whole. */
  epoch: number
  /** What the API shows and changes. */
  staged: Configuration
  /** What the cloud works by: `staged` as it was when it was last activated. */
  committed: Configuration
  pending: boolean
  /** Administrators who hold edits open: an activation waits for all of them but the one who asks. */
  editors: string[]
  /** Whether an activation waits for somebody. */
  queued: boolean
  /** Whether the end user subscription agreement is accepted. */
  eusaAccepted: boolean
  /** The next id of each kind, and of the gateways behind nodes and clusters. */
  nextId: Record<Kind | 'gateway', number>
  /** Locations that the seed has brought; one that was deleted since does not come back. */
  seeded: string[]
  /** Which instance a certificate was issued for, by its serial number. */
  certificates: Record<string, number>
}

/** The object a reference `{ id }` or a plain id points at. */
export function byId(objects: readonly Stored[], id: unknown): Stored | undefined {
  return objects.find((object) => object.id === id)
}

/** The ids in a list of references, in whatever state the list is. */
export function idsOf(references: unknown): readonly number[] {
  if (!Array.isArray(references)) return []
  return references.map((reference: { readonly id?: unknown }) => Number(reference?.id))
}
