/** The (step, target) that an event belongs to. */
interface Pair {
  readonly step: string
  readonly target: string
}

/** Lets through one of many events of the same (step, target). */
export interface Pace {
  /** Whether enough time has passed since the one before; the first of all has to wait, too. */
  isDue(event: Pair & { readonly time: number }): boolean
  forget(pair: Pair): void
}

/** Makes a pace of one event in `every` milliseconds of the events' own time. */
export function createPace(every: number): Pace {
  const last = new Map<string, number>()
  const keyOf = ({ step, target }: Pair): string => `${step}\n${target}`
  return {
    isDue(event) {
      const key = keyOf(event)
      const before = last.get(key)
      if (before !== undefined && event.time - before < every) return false
      last.set(key, event.time)
      return before !== undefined
    },
    forget: (pair) => void last.delete(keyOf(pair)),
  }
}
