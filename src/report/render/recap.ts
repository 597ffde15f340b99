import type { RunFinished } from '../../model/event.ts'
import type { Recap } from '../../model/outcome.ts'
import { renderDuration } from './duration.ts'
import { oneLine } from './step.ts'
import type { Style } from './style.ts'

const COUNTERS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const

type Counter = (typeof COUNTERS)[number]

type Target = Recap['targets'][number]

function paintOf(target: Target, style: Style): (text: string) => string {
  const outcome = (['failed', 'unreachable', 'changed', 'ok'] as const).find((one) => target[one] > 0)
  return style.outcome[outcome ?? 'skipped']
}

function renderTotals({ recap, duration, wall }: RunFinished, isLab: boolean): string {
  const sumOf = (name: Counter): number => recap.targets.reduce((sum, target) => sum + target[name], 0)
  const rest = (['unreachable', 'skipped', 'rescued', 'ignored'] as const).filter((name) => sumOf(name) > 0)
  const counts = [
    // As in Ansible, what changed is ok, too.
    `${sumOf('ok')} ok (${sumOf('changed')} changed)`,
    `${sumOf('failed')} failed`,
    ...rest.map((name) => `${sumOf(name)} ${name}`),
  ].join(', ')
  const targets = recap.targets.length === 1 ? '1 target' : `${recap.targets.length} targets`
  const time = `${renderDuration(wall)}${isLab ? ` (${renderDuration(duration)} of lab time)` : ''}`
  return `${targets}: ${counts} in ${time}`
}

/**
 * The last lines of every run: what it leaves behind, a line per target in Ansible's form, `NAME : ok=31 changed=0 …`, with
 * the names padded, and one line of totals with the time. In the lab, waiting is quicker than on the wall.
 */
export function renderRecap(
  finished: RunFinished,
  { style, isLab }: { readonly style: Style; readonly isLab: boolean },
): readonly string[] {
  const width = Math.max(0, ...finished.recap.targets.map(({ target }) => target.length))
  const lines = finished.recap.targets.map((target) => {
    const counters = COUNTERS.map((name) => `${name}=${target[name]}`).join(' ')
    return `${paintOf(target, style)(target.target.padEnd(width))} : ${counters}`
  })
  const notes = (finished.notes ?? []).map(oneLine)
  return [...(notes.length === 0 ? [] : [...notes, '']), ...lines, renderTotals(finished, isLab)]
}
