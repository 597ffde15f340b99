import type { Ref } from './managed-object.ts'
import type { MethodFault } from './method-fault.ts'
import type { Session } from './session.ts'
import type { Vm } from './vm.ts'

/** A file that an import waits for. */
export interface LeaseFile {
  /** The server's name for the device. */
  readonly key: string
  /** The client's: the file item's `deviceId`. */
  readonly importKey: string
  /** Last part of the upload's path. */
  readonly name: string
  readonly disk: boolean
  checksumType: 'sha1' | 'sha256' | 'sha512'
  received: { readonly size: number; readonly sha1: string; readonly checksum: string } | undefined
}

/** An import that waits for its files. */
export interface Lease {
  readonly ref: Ref<'HttpNfcLease'>
  /** What the paths of its uploads carry, instead of a password. */
  readonly token: string
  readonly vm: Vm
  readonly files: readonly LeaseFile[]
  readonly state: 'initializing' | 'ready' | 'done' | 'error'
  readonly percent: number
  readonly error: MethodFault | undefined
  /** Notes how far the client is; that keeps the lease alive. */
  renew(percent: number): void
  complete(): void
  /** Ends the lease with an error and removes the half-made machine. */
  fail(fault: MethodFault): Promise<void>
}

/** The imports under way. */
export interface Leases {
  /** Milliseconds of the lab's time without a word from the client after which an import is given up. */
  readonly timeout: number
  open(
    vm: Vm,
    options: {
      readonly files: readonly LeaseFile[]
      readonly session: Session
      /** Why the lease is to fail when it has been looked into. */
      readonly refusal?: MethodFault | undefined
    },
  ): Lease
  /** How many are not ended. */
  readonly size: number
  /** The lease whose uploads carry this token. */
  find(token: string): Lease | undefined
  /** Gives up, after the time-out, imports that an earlier process had under way. */
  resume(): void
}
