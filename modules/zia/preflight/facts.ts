import type { Pending } from '#sdk'

import type { Licences } from './licences.ts'

/** What an organisation's tenant has to offer, as it was read. */
export interface Facts {
  /** What could not be read, and what ZIA said. */
  readonly unreadable: readonly { readonly what: string; readonly why: string }[]
  readonly licences: Licences | null
  /** Whether the API is subscribed; null where the tenant does not list it. */
  readonly api: boolean | null
  /** Rules that count against the limit of the firewall's tier, and what that limit is; null where there is none that matters. */
  readonly rules: {
    readonly there: number
    readonly room: number | null
    readonly missing: readonly string[]
  }
  /** Whether the user may change rules, by what the rules say; null where they do not say. */
  readonly mayWrite: boolean | null
  /** Whether the tenant is in read-only maintenance. */
  readonly isReadOnly: boolean
  /** Wanted instances that exist with another size than a cluster takes. */
  readonly sizes: readonly { readonly name: string; readonly size: string }[]
  readonly pending: Pending
  /** Seconds that its clock is ahead of ours; negative where it is behind, null where it does not say. */
  readonly aheadSeconds: number | null
}
