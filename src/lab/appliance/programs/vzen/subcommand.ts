import type { Appliance } from '../../appliance.ts'
import type { Call } from '../../shell/program.ts'

/** A running subcommand of `vzen`: the call, with its own arguments only, and the machine. */
export interface SubcommandCall extends Call {
  readonly appliance: Appliance
}

/** A subcommand of `vzen`. */
export interface Subcommand {
  readonly summary: string
  /** Whether only root may run it. */
  readonly privileged: boolean
  run(call: SubcommandCall): Promise<number>
}

/** A family of subcommands by name. */
export type Subcommands = Readonly<Record<string, Subcommand>>
