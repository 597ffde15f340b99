/** An ESXi host that may run the machines. */
export interface HostFacts {
  /** What vSphere calls it, whatever its name. */
  readonly id: string
  readonly name: string
  /** Where it takes uploads. */
  readonly port: number
  /** Connected, and not in maintenance. */
  readonly ready: boolean
  readonly state: string
  readonly version: string
  /** What is left once running machines of ours use all they have, and others what they have reserved. */
  readonly freeGB: number
  readonly hasDatastore: boolean
  readonly switches: readonly { readonly name: string; readonly uplinks: number }[]
  readonly portGroups: readonly { readonly name: string; readonly switch: string }[]
  /** The reverse path check of promiscuous ports; null where it was not asked for, or the host does not know it. */
  readonly pathCheck: number | null
  readonly cards: {
    readonly total: number
    /** Those that no machine but ours has in its configuration. */
    readonly free: number
    readonly capable: boolean
    /** Whether each is marked for passthrough, and the mark in effect. */
    readonly active: boolean
  }
  /** Why no connection can be opened to it from here; null where one can, or none is needed. */
  readonly unreachable: string | null
}

/** A machine with the name of one of ours. */
export interface MachineFacts {
  readonly name: string
  /** Whether it is where ours belongs. */
  readonly here: boolean
  readonly on: boolean
  /** Its memory as it is. */
  readonly memoryGB: number
  /** Id of the host that it is registered at; null where nobody says. */
  readonly hostId: string | null
  /** Whether a runbook has made it. */
  readonly ours: boolean
  /** Why it cannot be taken over, where somebody else has made it; null where it can. */
  readonly misfit: string | null
}

/** What there is of a datastore. */
export interface DatastoreFacts {
  readonly accessible: boolean
  readonly freeGB: number
  /** What thin disks that are there already may still grow by. */
  readonly promisedGB: number
}

/** Everything that a site's machines take for granted in vSphere, as it was read. */
export interface Facts {
  readonly server: string
  readonly kind: 'vcenter' | 'esxi'
  readonly version: string
  readonly licences: readonly {
    readonly name: string
    readonly edition: string
    readonly hoursLeft: number | null
  }[]
  /** Seconds that its clock is ahead of ours; negative where it is behind. */
  readonly aheadSeconds: number
  /** Inventory paths that are wanted and not there, and what is there instead, in a clause. */
  readonly missing: readonly { readonly path: string; readonly instead: string }[]
  /** Privileges that the user lacks; null where the server would not say. */
  readonly lacking: readonly { readonly where: string; readonly privileges: readonly string[] }[] | null
  readonly hosts: readonly HostFacts[]
  /** Null where there is no such datastore. */
  readonly datastore: DatastoreFacts | null
  /** Whether the datastore has a template of an image already. */
  readonly hasTemplate: boolean
  readonly machines: readonly MachineFacts[]
  /** Names of networks that belong to NSX. */
  readonly segments: readonly string[]
}
