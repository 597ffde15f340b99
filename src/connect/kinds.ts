import type { ApplianceReader, ApplianceWriter } from './appliance.ts'
import type { VSphereReader, VSphereWriter } from './vsphere.ts'
import type { ZiaReader, ZiaWriter } from './zia/session.ts'

/** An appliance among its cluster's others. */
export interface Member {
  readonly name: string
  readonly appliance: ApplianceReader
  /** What vSphere says of its virtual machine; a suspended one is off. Throws `ConnectError`, and `AuthError`. */
  power(this: void, options: { readonly signal: AbortSignal }): Promise<'on' | 'off' | 'absent'>
  /** The adapters of its virtual machine, in their order; none where there is no machine. Throws as `power` does. */
  adapters(
    this: void,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly { readonly mac: string; readonly network: string }[]>
}

/** What `read` gets for each kind of connection: clients that cannot write. */
export interface Readers {
  readonly none: undefined
  readonly zia: ZiaReader
  readonly vsphere: VSphereReader
  readonly appliance: ApplianceReader
  readonly members: readonly Member[]
}

/** What `apply` gets: the same clients, and what they can change. */
export interface Writers {
  readonly none: undefined
  readonly zia: ZiaWriter
  readonly vsphere: VSphereWriter
  readonly appliance: ApplianceWriter
  readonly members: readonly Member[]
}
