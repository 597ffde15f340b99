import type { Clock } from '../../../../src/model/clock.ts'
import type { VSphereEndpoint } from '../../../../src/model/endpoint.ts'
import type { Network } from '../../../../src/model/network.ts'

/** The servers that the contract is held against. */
export type ServerName = 'the lab’s vCenter' | 'the lab’s ESXi host' | 'vcsim' | 'vcsim -esx' | 'vcsim -plain'

/** What is where in a server's inventory before a test begins. */
export interface Places {
  readonly datacenter: string
  /** None on an ESXi host. */
  readonly computeCluster: string | undefined
  /** Two hosts of the cluster, or the one that there is. Their standard switch has two uplinks, the first has a card. */
  readonly hosts: readonly string[]
  readonly datastore: string
  /** A standard port group on every host. */
  readonly network: string
  readonly switch: string
  /** A distributed switch with a port group; none on an ESXi host. */
  readonly distributed: { readonly switch: string; readonly portGroup: string } | undefined
}

/** A server to which the contract is put. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly kind: 'vcenter' | 'esxi'
  readonly endpoint: VSphereEndpoint
  readonly network: Network
  readonly clock: Clock
  readonly places: Places
  /** Ends every session without telling it, as half an hour without a call does. */
  endSessions(): Promise<void>
}
