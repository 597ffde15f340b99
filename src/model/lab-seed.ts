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
  /** Release of ESXi that it runs; `8.0.3` where absent. */
  readonly version?: string | undefined
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
  /** Names of the hosts that have the port group and its switch, or are members of the distributed one; all where absent. */
  readonly hosts?: readonly string[] | undefined
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
  /** What the cluster's resource scheduler may do by itself; everything (`fullyAutomated`) where absent. */
  readonly drs?: 'off' | 'manual' | 'partiallyAutomated' | 'fullyAutomated' | undefined
  /** The licence: `free` refuses everything that changes something; a bought one where absent. */
  readonly licence?: 'free' | 'evaluation' | 'standard' | undefined
  /** The privileges of the account, such as `VApp.Import`; all where absent. */
  readonly privileges?: readonly string[] | undefined
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
    | {
        readonly kind: 'oneapi'
        readonly clientId: string
        /** What the client proves itself by: a secret, or assertions signed with a private key (PEM). */
        readonly clientSecret?: Secret | undefined
        readonly privateKey?: Secret | undefined
      }
  /** Service Edge licences that the tenant has bought. */
  readonly licences: number
  /** Locations that exist beforehand, by name. */
  readonly locations: readonly string[]
  /** Whose tenant it is; an organisation `Lab` where absent. */
  readonly organisation?: { readonly id: number; readonly name: string; readonly domain: string } | undefined
  /** The firewall subscription: `standard` has room for ten rules; `advanced` where absent. */
  readonly firewall?: 'standard' | 'advanced' | undefined
  /** `strict` does only what was recorded or is documented; `plausible`, where absent, what one would expect as well. */
  readonly mode?: 'strict' | 'plausible' | undefined
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
  /** Seed of the appliances’ dialects, each node its own; all speak as documented where it is absent. */
  readonly dialects?: number | undefined
}
