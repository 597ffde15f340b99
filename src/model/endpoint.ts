import type { Secret } from './secret.ts'

/** A vCenter or ESXi host. */
export interface VSphereEndpoint {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: Secret
  /** SHA-1 or SHA-256 thumbprint of the server's certificate; verified against trusted roots where absent. */
  readonly thumbprint?: string | undefined
}

/** A ZIA tenant, by one of the two ways to sign in. */
export interface ZiaEndpoint {
  /** Cloud name without `.net`, such as `zscalertwo`. */
  readonly cloud: string
  /** Overrides the API's base URL that follows from cloud and sign-in. */
  readonly apiUrl?: string | undefined
  /** Overrides the token URL of OneAPI. */
  readonly tokenUrl?: string | undefined
  readonly login:
    | {
        readonly kind: 'legacy'
        readonly username: string
        readonly password: Secret
        readonly apiKey: Secret
      }
    | {
        readonly kind: 'oneapi'
        readonly vanity: string
        readonly clientId: string
        readonly clientSecret: Secret
      }
}

/** An SSH server. */
export interface SshEndpoint {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: Secret
}

/** One appliance: reached through its VM's console until it has a network, over SSH from then on. */
export interface ApplianceEndpoint {
  /** The node's name. */
  readonly name: string
  readonly ssh: SshEndpoint
  /** The password that a fresh image accepts. */
  readonly initialPassword: Secret
  /** The vCenter or ESXi host that runs the VM, and the VM's inventory path there. */
  readonly vsphere: VSphereEndpoint
  readonly vm: string
  /** `announced`: only a key read on the console is accepted. `first-use`: the first key seen is kept. */
  readonly hostKey: 'announced' | 'first-use'
}

/** How the systems behind one target are reached; derived from the inventory by its schema, never by the engine. */
export interface Endpoints {
  readonly vsphere?: VSphereEndpoint
  readonly zia?: ZiaEndpoint
  readonly appliance?: ApplianceEndpoint
  /** The appliances below a cluster, for what only all of them together can tell. */
  readonly members?: readonly ApplianceEndpoint[]
}
