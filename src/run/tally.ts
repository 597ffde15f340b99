import type { Event } from '../model/event.ts'
import type { Counters, Recap } from '../model/outcome.ts'
import type { Reporter } from '../model/reporter.ts'

type Mutable = { -readonly [K in keyof Counters]: Counters[K] }

/** Counts outcomes as they are reported, in Ansible's words. */
export interface Tally extends Pick<Reporter, 'report'> {
  recap(options: { readonly interrupted: boolean }): Recap
}

/** Makes a tally with a line for every target that runs. */
export function createTally(targets: readonly string[]): Tally {
  const counters = new Map(targets.map((target): [string, Mutable] => [target, createCounters()]))

  function countersOf(target: string): Mutable {
    const own = counters.get(target) ?? createCounters()
    counters.set(target, own)
    return own
  }

  return {
    report(event) {
      if (event.type === 'target.rescued') {
        const own = countersOf(event.target)
        own.rescued += event.steps
        own.failed -= event.steps
      }
      if (event.type === 'step.finished') count(countersOf(event.target), event)
    },
    recap({ interrupted }) {
      const lines = [...counters].map(([target, own]) => ({ target, ...own }))
      const unreachable = lines.some((line) => line.unreachable > 0)
      const failed = lines.some((line) => line.failed > 0)
      return { targets: lines, exitCode: interrupted ? 130 : unreachable ? 4 : failed ? 2 : 0 }
    },
  }
}

function createCounters(): Mutable {
  return { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }
}

/** `ok` includes what changed and what failed but is ignored, as people's scripts expect. */
function count(own: Mutable, { outcome, ignored }: Extract<Event, { type: 'step.finished' }>): void {
  if (ignored === true) {
    own.ok += 1
    own.ignored += 1
    return
  }
  if (outcome === 'changed') own.ok += 1
  own[outcome] += 1
}
