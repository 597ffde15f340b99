import type { Secret } from './secret.ts'

/** A vCenter or ESXi host. */
export interface VSphereEndpoint {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: Secret
  /** SHA-1 or SHA-256 thumbprint of the server's certificate; verified against trusted roots where absent. */
  readonly thumbprint?: string | undefined
  /** Where the inventory gives the thumbprint, for messages: `sites.fra.vcenter.thumbprint`. */
  readonly thumbprintKey?: string | undefined
}

/** A ZIA tenant, by one of the two ways to sign in. */
export interface ZiaEndpoint {
  /** Cloud name without `.net`, such as `zscalertwo`. */
  readonly cloud: string
  /** The organisation's name, one of its domains, or its id: nothing is read or written in any other one. */
  readonly tenant?: string | undefined
  /** Overrides the API's base URL that follows from cloud and sign-in. */
  readonly apiUrl?: string | undefined
  /** Overrides the token URL of OneAPI. */
  readonly tokenUrl?: string | undefined
  /** Whether edits that somebody else has pending may go live with ours, which ZIA cannot keep apart; `refuse` where absent. */
  readonly others?: 'refuse' | 'include' | undefined
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
        /** What the client proves itself by, where it has no private key. */
        readonly clientSecret?: Secret | undefined
        /** PEM of an RSA key whose public half ZIdentity knows; signs an assertion in place of the secret. */
        readonly privateKey?: Secret | undefined
      }
}

/** A private key to log in with, in any form that `ssh-keygen` writes. */
export interface SshKey {
  /** Absolute path of the file. */
  readonly path: string
  readonly passphrase?: Secret | undefined
}

/** Who logs in over SSH, and by what: keys first, then the agent’s keys, then the password, each at most once. */
export interface SshLogin {
  readonly username: string
  readonly password?: Secret | undefined
  readonly keys?: readonly SshKey[] | undefined
  /** Whether the agent that `SSH_AUTH_SOCK` names is asked. */
  readonly agent?: boolean | undefined
}

/** A host on the way: everything behind it is reached through the one connection to it. */
export interface SshJump extends SshLogin {
  readonly host: string
  readonly port: number
  /** `announced`: only a key that is known by `fingerprint`, by an earlier run or by `known_hosts` is accepted. */
  readonly hostKey: 'announced' | 'first-use'
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint?: string | undefined
}

/** How a server is reached from here, where that is not by its own address, port 22 and a password alone. */
export interface SshWays {
  /** What is dialled and looked up in `ssh_config` and `known_hosts`, instead of the server’s own address. */
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly username?: string | undefined
  readonly keys?: readonly SshKey[] | undefined
  readonly agent?: boolean | undefined
  /** The hosts on the way, the first one dialled first. */
  readonly jumps?: readonly SshJump[] | undefined
  /** An `ssh_config` that decides what is not said here: `true` is the user’s own. */
  readonly config?: string | true | undefined
  /** Tries nothing but the password, whatever keys an `ssh_config` names. */
  readonly passwordOnly?: boolean | undefined
  /** Speaks SHA-1, CBC and `ssh-rsa` too, where the server knows nothing better. */
  readonly legacy?: boolean | undefined
}

/** An SSH server. */
export interface SshEndpoint {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: Secret
  readonly ways?: SshWays | undefined
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
