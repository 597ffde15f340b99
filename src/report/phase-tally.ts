import type { PhaseStarted, StepFinished } from '../model/event.ts'
import { OUTCOMES, type Outcome } from '../model/outcome.ts'

/** How many steps of one phase in one lane ended how, and since when it runs. */
export interface Tally {
  readonly started: number
  readonly counts: Record<Outcome, number>
}

/** Counts outcomes by phase and lane. */
export interface PhaseTally {
  start(event: PhaseStarted): void
  count(event: StepFinished): void
  /** The counts of a phase that has ended, and forgets them; nothing where it never started. */
  take(place: { readonly phase: string; readonly lane: string }): Tally | undefined
}

/** Makes an empty tally. A step belongs to the lane whose phase announced its target. */
export function createPhaseTally(): PhaseTally {
  const tallies = new Map<string, Tally>()
  const lanes = new Map<string, string>()
  const keyOf = (...parts: readonly string[]): string => parts.join('\n')

  return {
    start({ phase, lane, targets, time }) {
      const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Tally['counts']
      tallies.set(keyOf(phase, lane), { started: time, counts })
      for (const target of [lane, ...targets]) lanes.set(keyOf(phase, target), lane)
    },
    count({ phase, target, outcome }) {
      const tally = tallies.get(keyOf(phase, lanes.get(keyOf(phase, target)) ?? target))
      if (tally !== undefined) tally.counts[outcome] += 1
    },
    take({ phase, lane }) {
      const key = keyOf(phase, lane)
      const tally = tallies.get(key)
      tallies.delete(key)
      return tally
    },
  }
}

/** Counts in words: `2 changed, 6 ok, 1 skipped`. */
export function renderTally(counts: Tally['counts']): string {
  const order = ['failed', 'unreachable', 'changed', 'ok', 'skipped'] as const
  const parts = order
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcome}`)
  return parts.length === 0 ? 'nothing to do' : parts.join(', ')
}
