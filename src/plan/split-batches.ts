import { ConfigError } from '../model/error.ts'
import type { Batch } from '../model/runbook.ts'

const PERCENT = /^(\d+(?:\.\d+)?)%$/

/** How many of `total` one entry of a batch rule means; 0 or less means all that remain. */
function sizeOf(entry: number | string, total: number): number {
  if (typeof entry === 'number') {
    if (Number.isInteger(entry)) return entry
  } else {
    const percent = PERCENT.exec(entry)?.[1]
    if (percent !== undefined) return Math.max(1, Math.floor((total * Number(percent)) / 100))
  }
  throw new ConfigError(`a batch cannot be “${entry}”`, {
    hint: 'write a whole number such as 1, a percentage such as 25%, or a list of them',
  })
}

/**
 * The sizes of the batches in which a phase goes through `count` nodes, by Ansible's `serial`: the last entry of a list
 * repeats, a percentage is of all, rounded down, at least one; 0 or less takes all that remain. They add up to `count`.
 * Throws a `ConfigError` for an entry that is neither number nor percentage, and for an empty list.
 */
export function splitBatches(count: number, batch: Batch): readonly number[] {
  const entries = typeof batch === 'object' ? batch : [batch]
  const wanted = entries.map((entry) => sizeOf(entry, count))
  const last = wanted.at(-1)
  if (last === undefined) {
    throw new ConfigError('a list of batches is empty', { hint: 'write [1], or leave the rolling rule out' })
  }
  const sizes: number[] = []
  for (let remaining = count; remaining > 0;) {
    const size = wanted[sizes.length] ?? last
    const next = size > 0 ? Math.min(size, remaining) : remaining
    sizes.push(next)
    remaining -= next
  }
  return sizes
}
