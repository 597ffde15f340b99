import type { RunStarted } from '../../model/event.ts'
import type { Look } from './look.ts'
import { oneLine } from './step.ts'

/** What is about to run, in one line: `deploy · inventory lab · 3 targets · 36 steps · lab time, 60 times faster`. */
export function renderRunHeader(
  { runbook, inventory, targets, steps, mode, lab }: RunStarted,
  { glyphs }: Look,
): string {
  const parts = [
    runbook,
    inventory,
    targets.length === 1 ? '1 target' : `${targets.length} targets`,
    steps === 1 ? '1 step' : `${steps} steps`,
    ...(mode === 'check' ? ['check only, nothing is changed'] : []),
    ...(lab === undefined ? [] : [`lab time, ${lab.scale} times faster`]),
  ]
  return parts.map(oneLine).join(` ${glyphs.dot} `)
}
