import type { Secret } from './secret.ts'

/** The security policy of a virtual switch or port group. */
export interface SeedPolicy {
  readonly promiscuous: boolean
  readonly macChanges: boolean
  readonly forgedTransmits: boolean
}

/** A host of the lab's vCenter. */
export interface SeedHost {
  readonly name: string
  readonly memoryGB: number
  readonly cpus: number
  /** Names of the uplinks of `vSwitch0`; every other switch has as many of its own. */
  readonly uplinks: readonly string[]
  /** How many NITROX cards sit in it. */
  readonly nitrox: number
  /** Whether a card that is marked for passthrough is usable only after a reboot, as before ESXi 7; no where absent. */
  readonly passthroughNeedsReboot?: boolean | undefined
}

/** A network of the lab's vCenter as it stands before the first deployment. */
export interface SeedNetwork {
  readonly name: string
  readonly kind: 'standard' | 'distributed'
  readonly vlan: number
  /** The virtual or distributed switch it belongs to. */
  readonly switch: string
  /** Whether the network exists beforehand; otherwise only its switch does. */
  readonly exists: boolean
}

/** A vCenter, or a standalone ESXi host, that the lab has to play. */
export interface SeedVCenter {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: Secret
  readonly kind: 'vcenter' | 'esxi'
  /** Inventory path of the datacenter: `/FRA`. */
  readonly datacenter: string
  /** Name of the compute cluster; none on a standalone host. */
  readonly computeCluster?: string | undefined
  readonly hosts: readonly SeedHost[]
  readonly datastores: readonly { readonly name: string; readonly capacityGB: number }[]
  readonly networks: readonly SeedNetwork[]
  /** VM folders that exist beforehand, by name. */
  readonly folders: readonly string[]
  readonly resourcePools: readonly string[]
}

/** A ZIA tenant that the lab has to play. */
export interface SeedTenant {
  readonly cloud: string
  readonly apiHost: string
  readonly tokenHost?: string | undefined
  readonly login:
    | {
        readonly kind: 'legacy'
        readonly username: string
        readonly password: Secret
        readonly apiKey: Secret
      }
    | { readonly kind: 'oneapi'; readonly clientId: string; readonly clientSecret: Secret }
  /** Service Edge licences that the tenant has bought. */
  readonly licences: number
  /** Locations that exist beforehand, by name. */
  readonly locations: readonly string[]
}

/** A subnet of the lab: what an appliance can reach from it. */
export interface SeedSubnet {
  readonly cidr: string
  readonly gateway: string
  readonly dns: readonly string[]
}

/** A file that the portal offers for download and a person would hand in. */
export interface SeedDownload {
  readonly kind: 'certificate' | 'image'
  /** The node whose certificate it is; none for the image. */
  readonly node?: string | undefined
  /** Absolute path where the person puts it. */
  readonly path: string
}

/** Everything the lab has to build so that an inventory can be deployed in it. */
export interface LabSeed {
  readonly vcenters: readonly SeedVCenter[]
  readonly tenants: readonly SeedTenant[]
  readonly subnets: readonly SeedSubnet[]
  readonly downloads: readonly SeedDownload[]
}
