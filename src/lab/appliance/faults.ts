import { ModuleError } from '../../model/error.ts'

/**
 * What can go wrong with an appliance on request. Faults that stand (`unknown-prompt`, `console-messages`, `build-stalls`,
 * `wrong-certificate`, `ports-closed`, `split-brain`, `disk-full`) last until cleared; the others happen when injected or at the next occasion.
 */
export const FAULTS = {
  'drop-in-command': 'the next command over SSH loses its connection after it has begun',
  'unknown-prompt': 'configure-network asks a question that no document knows',
  'console-messages': 'syslogd writes on the console, behind every other prompt',
  'build-stalls': 'download-build stops at 40 percent and stays there',
  'wrong-certificate': 'the cloud sees the certificate elsewhere too: the connection flaps',
  'ports-closed': 'a firewall lets it out on port 443 only, not on the channels’ own ports',
  'clock-drift': 'the clock runs five minutes ahead until ntpd is enabled',
  'split-brain': 'the load balancer hears no other member, whatever the port group allows',
  'disk-full': 'nothing can be written to the disk',
  'host-key-changed': 'the SSH host key is a new one from now on',
  'no-autostart': 'autostart is off and the machine reboots now',
} as const

/** The name of a fault. */
export type FaultName = keyof typeof FAULTS

/** How a fault is injected. */
export interface FaultOptions {
  /** Name or UUID of the machine; all that exist when it is not given. */
  readonly machine?: string | undefined
  /** On how many occasions it strikes; standing faults do so until cleared when it is not given. */
  readonly times?: number | undefined
}

/** Makes appliances fail in documented ways. */
export interface Faults {
  /** Takes effect, and is on disk, when the promise resolves. */
  inject(name: FaultName, options?: FaultOptions): Promise<void>
  clear(name?: FaultName, options?: Pick<FaultOptions, 'machine'>): Promise<void>
}

/** The error of whoever means an appliance that there is not; any, where it has no name. */
export function noAppliance(name: string | undefined): ModuleError {
  const which = name === undefined ? 'yet' : `“${name}”`
  return new ModuleError(`the lab has no appliance ${which}`, {
    hint: '`runbook lab status` lists what there is; `runbook deploy --tags vm` makes the machines and goes no further, so that what strikes during a deployment can be set before the rest',
  })
}
