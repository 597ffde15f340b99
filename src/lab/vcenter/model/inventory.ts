import type { ObjectName } from '../../../connect/govmomi/schema/objects.ts'
import type { Host } from './host.ts'
import type { Ref } from './managed-object.ts'
import type { InventoryState } from './state.ts'

/** Where the things of the one datacenter are. */
export interface Places {
  readonly root: Ref<'Folder'>
  readonly datacenter: Ref<'Datacenter'>
  readonly vmFolder: Ref<'Folder'>
  readonly hostFolder: Ref<'Folder'>
  readonly datastoreFolder: Ref<'Folder'>
  readonly networkFolder: Ref<'Folder'>
  readonly compute: Ref<'ClusterComputeResource' | 'ComputeResource'>
  readonly pool: Ref<'ResourcePool'>
}

/** What stands in the inventory's document, and what it is called. */
export interface Inventory {
  readonly state: InventoryState
  readonly places: Places
  /** Puts the document on disk; replies wait for it. */
  save(): void
  /** The id of what is called `key`; the same in every process. */
  readonly idOf: <T extends ObjectName>(type: T, key: string) => Ref<T>
  /** The hosts with what the seed says about them, in the seed's order. */
  readonly hosts: readonly Host[]
  /** The switches that every host has of its own, `vSwitch0` first. */
  readonly standardSwitches: readonly string[]
  /** The switches that all hosts share. */
  readonly distributedSwitches: readonly string[]
}
