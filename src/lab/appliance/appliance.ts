import type { Clock } from '../../model/clock.ts'
import type { Machine } from '../guest.ts'
import type { CarpRole } from './cloud/carp.ts'
import type { MemberHealth } from './cloud/health.ts'
import type { Reach } from './cloud/reach.ts'
import type { Uplink } from './cloud/uplink.ts'
import type { Dialect } from './dialect.ts'
import type { Disk } from './disk/disk.ts'
import type { FaultName } from './faults.ts'
import type { ApplianceState, ServiceSettings } from './state.ts'
import type { Updater } from './updater.ts'
import type { Wording } from './wording.ts'

/** The running system as its programs see it. */
export interface Appliance {
  readonly machine: Machine
  readonly dialect: Dialect
  readonly wording: Wording
  /** What is on the disk; a program that changes it awaits `save()` before it says so. */
  readonly state: ApplianceState
  readonly disk: Disk
  readonly updater: Updater
  /** The lab's time, for waiting. */
  readonly clock: Clock
  /** The guest's own idea of the time, in milliseconds since the epoch. */
  readonly now: () => number
  readonly hostname: () => string
  readonly save: () => Promise<void>
  /** Whether a fault stands against this machine; using it up where it strikes a limited number of times. */
  readonly strikes: (fault: FaultName) => boolean
  /** Whether the network, as configured, leads to name servers and out. */
  readonly reach: () => Reach
  /** The connection to the cloud as it is now. */
  readonly uplink: () => Uplink
  /** What the cloud says this machine serves: as of now where it can be asked, else as last heard. */
  readonly service: () => ServiceSettings | undefined
  /** This machine's part in its virtual address; none where its load balancer does not run. */
  readonly carp: () => CarpRole | undefined
  /** The cluster's members as this machine's load balancer sees them. */
  readonly members: () => readonly MemberHealth[]
  /** Lines that the kernel has logged since boot. */
  readonly kernelLog: () => readonly string[]
  /** Adds a line to a log file; old lines go when it gets long. */
  readonly log: (path: string, line: string) => void
  /** Takes the addresses that are configured now; sessions over another address end. */
  readonly restartNetwork: () => Promise<void>
  /** Starts or stops the SNMP agent as the state says. */
  readonly restartSnmp: () => Promise<void>
  /** Does something that outlives the session it was asked for in; the signal ends it with the system. */
  readonly background: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  readonly restartNow: () => void
  readonly halt: () => void
}

/** Name of the only account that may log in. */
export const ACCOUNT = 'zsroot'

/** The password that the vendor documents. */
export const DOCUMENTED_PASSWORD = 'zsroot'

/** Where logins and the commands given to sudo are recorded. */
export const AUTH_LOG = '/var/log/auth.log'
