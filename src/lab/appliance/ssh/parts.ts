import type { Appliance } from '../appliance.ts'
import type { ShellHost } from '../shell/state.ts'

/** What the server needs of the machine it runs on. */
export interface SshParts {
  readonly appliance: Appliance
  readonly host: ShellHost
  readonly hostKey: string
  /** Aborted when the machine stops. */
  readonly signal: AbortSignal
  /** Keeps a running command, so that the machine can wait for its end when it stops. */
  readonly track: (work: Promise<void>) => void
}
