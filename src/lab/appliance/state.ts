import type { StoredEntry } from './disk/disk.ts'
import type { FaultName } from './faults.ts'
import type { PasswordHash } from './password.ts'

/** A channel to the cloud that can move to port 443. */
export type Channel = 'ca' | 'cds' | 'smsm'

/** The processes of the service. */
export type ServiceName = 'sme' | 'cdsc' | 'smlb'

/** The network as `configure-network` applied it. */
export interface NetworkSettings {
  readonly address: string
  readonly prefix: number
  readonly gateway: string
  readonly dns: readonly string[]
  readonly hostname: string
}

/** Addresses of the service, as the cloud last told them. */
export interface ServiceSettings {
  readonly node: string
  readonly cloud: string
  readonly address: string
  readonly mask: string
  readonly gateway: string
  readonly loadBalancer: string | undefined
  readonly virtualAddress: string | undefined
  readonly standalone: boolean
}

/** A user of SNMPv3. Of the password only the key is kept that it makes for this machine's engine, as base64. */
export interface SnmpUser {
  readonly user: string
  readonly auth: 'MD5' | 'SHA1'
  readonly privacy: 'DES' | 'AES'
  readonly authKey: string
  readonly receiver?: string | undefined
}

/** Everything an appliance keeps on its disk; the document of a machine in the lab's store. */
export interface ApplianceState {
  password: PasswordHash
  /** The password is the documented one, or was declared too old. */
  passwordExpired: boolean
  complexity: boolean
  hostKey: string | undefined
  network: NetworkSettings | undefined
  certificate:
    | { readonly serial: string; readonly cloud: string | undefined; readonly sha256: string }
    | undefined
  build: { readonly version: string; readonly installedAt: number } | undefined
  service: ServiceSettings | undefined
  processes: { [name in ServiceName]?: { readonly pid: number; readonly since: number } | undefined }
  /** Channels on port 443: as configured, and as the running service took them over at its start. */
  standardPort: { configured: readonly Channel[]; effective: readonly Channel[] }
  /** `boots` counts how often the agent was started. */
  snmp: { running: boolean; boots?: number; admin: SnmpUser | undefined; trap: SnmpUser | undefined }
  delayUpgrade: string | undefined
  /** Milliseconds that the guest's clock is ahead. */
  driftMs: number
  bootedAt: number
  nextPid: number
  files: Record<string, StoredEntry>
  /** Faults that stand against this machine until they are cleared. */
  faults: Partial<Record<FaultName, number>>
}
