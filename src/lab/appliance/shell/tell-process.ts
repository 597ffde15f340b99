import { channel } from 'node:diagnostics_channel'

const started = channel('runbook.lab.process')

/**
 * Tells whoever has subscribed to `runbook.lab.process` what a process on a machine of the lab is started with, an array of
 * words: on a real one, everybody who is logged in can read that.
 */
export function tellProcess(argv: readonly string[]): void {
  if (started.hasSubscribers) started.publish(argv)
}
