import pLimit, { type LimitFunction } from 'p-limit'

import type { Limit } from '../model/module.ts'

/** Says for which limit somebody waits. */
export type OnWait = (limit: Limit) => void

/** The limits of a run: how many may use a shared thing at once, by the thing's name. */
export interface Limits {
  /** Runs `work` when every limit has room. Limits are entered in the order of their names, so that none waits for another. */
  within<T>(limits: readonly Limit[], work: () => Promise<T>, onWait?: OnWait): Promise<T>
}

/** Makes the limits of one run. The first to name a limit sets its size. */
export function createLimits(): Limits {
  const known = new Map<string, LimitFunction>()

  function limitOf({ name, max }: Limit): LimitFunction {
    const limit = known.get(name) ?? pLimit(Math.max(1, max))
    known.set(name, limit)
    return limit
  }

  return {
    within(limits, work, onWait) {
      const ordered = [...limits].sort((a, b) => (a.name < b.name ? 1 : -1))
      return ordered.reduce((inner, limit) => {
        const gate = limitOf(limit)
        return () => {
          if (gate.activeCount >= gate.concurrency) onWait?.(limit)
          return gate(inner)
        }
      }, work)()
    },
  }
}
