import type { Socket } from 'node:net'

import type { Clock } from '../../../model/clock.ts'
import type { SeedVCenter } from '../../../model/lab-seed.ts'
import type { Address } from '../../../model/network.ts'
import type { Changes } from './changes.ts'
import type { Inventory } from './inventory.ts'
import type { Leases } from './lease.ts'
import type { ManagedObject } from './managed-object.ts'
import type { NamedFaults } from './named-faults.ts'
import type { Questions } from './question.ts'
import type { Saves } from './saves.ts'
import type { Sessions } from './sessions.ts'
import type { Tasks } from './tasks.ts'
import type { Uploads } from './uploads.ts'
import type { Vms } from './vm.ts'

/** Where a server is reached. */
export interface Door {
  open(): Promise<void>
  /** Ends every connection and session; nobody answers there until it is opened again. */
  shut(): Promise<void>
}

/** Everything that one vCenter consists of; its parts know each other through it. */
export interface World {
  readonly seed: SeedVCenter
  readonly clock: Clock
  /** Aborted when the vCenter closes. */
  readonly signal: AbortSignal
  /** Everything with an id that does not belong to a session. */
  readonly objects: Map<string, ManagedObject>
  readonly changes: Changes
  readonly saves: Saves
  readonly faults: NamedFaults
  readonly sessions: Sessions
  readonly inventory: Inventory
  readonly tasks: Tasks
  readonly vms: Vms
  readonly leases: Leases
  readonly uploads: Uploads
  readonly questions: Questions
  /** The server's own address: a host that restarts shuts it for a while. */
  readonly door: Door
  /** Certificates that the server trusts, as PEM. */
  readonly trusted: readonly string[]
  /** Opens a connection to where the server fetches files from: the lab's own network, or loopback. */
  dial(address: Address, options: { readonly signal: AbortSignal }): Promise<Socket>
  /** Counts a call that changes the inventory. */
  count(): void
  /** Screenshots and whatever else was written to a datastore, by `[datastore] path`; the oldest go first. */
  readonly files: Map<string, Buffer>
}
