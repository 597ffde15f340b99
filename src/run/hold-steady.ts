import type { Hold } from '../model/step.ts'
import { isFinal } from './is-final.ts'

/** What is looked at again and again. */
export interface Steady<T> {
  /** One look: resolves where all is well. `count` is the number of the look, from 1. */
  look(this: void, count: number): Promise<T>
  /** Lets the time between two looks pass; `good` is the number of good ones so far. */
  pause(this: void, good: number): Promise<void>
}

/**
 * Looks as often as a hold says and gives what the last good look found, as soon as enough of them were good. Rejects with
 * what the last bad one found, as soon as enough good ones are out of reach: what comes and goes does not hold.
 */
export async function holdSteady<T>({ samples, of }: Hold, { look, pause }: Steady<T>): Promise<T> {
  let good = 0
  for (let count = 1; ; count += 1) {
    try {
      const found = await look(count)
      good += 1
      if (good >= samples) return found
    } catch (error) {
      if (isFinal(error) || of - (count - good) < samples) throw error
    }
    await pause(good)
  }
}
