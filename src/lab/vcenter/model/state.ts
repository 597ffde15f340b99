import type { Json } from '../../../model/change.ts'

/** A security policy as it is set at one place; what is absent is inherited. */
export interface PolicySettings {
  allowPromiscuous?: boolean
  macChanges?: boolean
  forgedTransmits?: boolean
}

/** A port group of a host's own switch. What the lab does not interpret is kept as it came. */
export interface StandardGroupState {
  name: string
  vlanId: number
  vswitch: string
  security: PolicySettings
  /** Teaming, offload and shaping overrides, as data objects. */
  overrides: Record<string, Json>
}

/** What of a host can change. */
export interface HostState {
  readonly moid: string
  readonly name: string
  options: Record<string, number | string>
  portGroups: StandardGroupState[]
  /** PCI devices marked for passthrough, by id; `active` follows at the next boot, or at once where that was asked. */
  passthrough: Record<string, { enabled: boolean; active: boolean }>
  maintenance: boolean
  /** A restart that was asked for, or is under way: the host does not answer until it is up again. */
  reboot?: 'asked' | 'away'
  /** Milliseconds since the epoch, of the lab's clock; when the lab was made where absent. */
  bootedAt?: number
  /**
   * What the reverse path check is on the promiscuous ports of a network, by the network's name, where it is not what the
   * option says: ports keep what they had until promiscuous mode is switched off and on again.
   */
  keptChecks?: Record<string, number>
}

/** A rule of the cluster: machines that are to run apart, or together. */
export interface RuleState {
  readonly key: number
  readonly uuid: string
  readonly kind: 'ClusterAntiAffinityRuleSpec' | 'ClusterAffinityRuleSpec'
  name: string
  enabled: boolean
  mandatory: boolean
  /** Ids of the machines. */
  vms: string[]
}

/** What the resource scheduler may do by itself. */
export type Automation = 'manual' | 'partiallyAutomated' | 'fullyAutomated'

/** What of the cluster can change. */
export interface ClusterState {
  drs: boolean
  automation: Automation
  rules: RuleState[]
  nextRule: number
}

/** A port group of a distributed switch. */
export interface DistributedGroupState {
  readonly moid: string
  readonly key: string
  name: string
  readonly dvs: string
  configVersion: number
  vlanId: number
  numPorts: number
  type: string
  autoExpand: boolean
  description?: string
  /** The old place of the security policy. */
  security: PolicySettings
  /** The place since 6.6; the switch enforces this one. */
  mac: PolicySettings
  /** How it learns MAC addresses, as a data object, where somebody has set that. */
  learning?: Json
  /** A trunk's VLANs, which count instead of `vlanId`. */
  trunk?: { start: number; end: number }[] | undefined
  /** Other port settings, as data objects. */
  settings: Record<string, Json>
}

/** A folder that somebody made. */
export interface FolderState {
  readonly moid: string
  name: string
  readonly parent: string
}

/** The vCenter's document: everything but its virtual machines. */
export interface InventoryState {
  /** Ids given so far, by what they were given for: `host/esx-1` → `host-10`. */
  ids: Record<string, string>
  nextId: number
  hosts: HostState[]
  distributed: DistributedGroupState[]
  folders: FolderState[]
  /** Networks of the seed that were created once; deleting one is final. */
  seeded: string[]
  /** How many machines of a name in a folder ran and were destroyed: the next one is another machine. */
  generations: Record<string, number>
  /** The cluster's settings; as the seed has them where absent. */
  cluster?: ClusterState
  /** The virtual machines, by id; each has a document of its own. */
  vms: string[]
}

/** A device of a virtual machine: a data object of the API, so that what a client sent is what it reads. */
export interface DeviceState {
  $type: string
  key: number
  [field: string]: Json
}

/** One virtual machine's document. */
export interface VmState {
  readonly moid: string
  name: string
  readonly uuid: string
  readonly instanceUuid: string
  folder: string
  pool: string
  host: string
  datastore: string
  annotation: string
  guestId: string
  version: string
  extraConfig: Record<string, string>
  cpus: number
  coresPerSocket: number
  memoryMB: number
  memoryReservationMB: number
  memoryReservationLocked: boolean
  devices: DeviceState[]
  power: 'poweredOn' | 'poweredOff'
  /** Whether it ran at all, so that a guest may have left something on its disk. */
  started: boolean
  /** An import into it began and has not been completed: it goes when its lease does. */
  importing: boolean
  template: boolean
  /** How many snapshots were taken of it; none where absent. */
  snapshots?: number
  changeVersion: number
  /** Milliseconds since the epoch, of the lab's clock. */
  createdAt: number
}
