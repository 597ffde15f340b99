import { setImmediate } from 'node:timers/promises'

/** A way out that keeps the order of what is written, and may take its time. */
export interface Pacer {
  /** `deliver` is called with all of the text, in one or several pieces. */
  readonly write: (text: string, deliver: (piece: string) => void) => void
  /** Resolves when everything written so far was delivered, or nothing more ever will be. */
  readonly settled: () => Promise<void>
}

/** What an unhurried way out needs. */
export interface PacerOptions {
  readonly pace: 'whole' | 'pieces'
  /** After it nothing is delivered any more. */
  readonly signal: AbortSignal
}

const SIZES = [1, 9, 3, 17, 40, 5]

/** Makes one. In pieces, text is cut anywhere, also within a word or an escape sequence. */
export function createPacer({ pace, signal }: PacerOptions): Pacer {
  let queue: Promise<void> = Promise.resolve()
  let turn = 0

  async function deliverSlowly(text: string, deliver: (piece: string) => void): Promise<void> {
    for (let at = 0; at < text.length;) {
      const size = SIZES[turn % SIZES.length] ?? 1
      // Not by the clock: in a lab whose time runs fast, a pause would be longer than a person's patience.
      await setImmediate(undefined, { signal })
      deliver(text.slice(at, at + size))
      at += size
      turn += 1
    }
  }

  return {
    write(text, deliver) {
      if (pace === 'whole') deliver(text)
      // Who stops in the middle of a sentence is not an error.
      else queue = queue.then(() => deliverSlowly(text, deliver)).catch(() => undefined)
    },
    settled: () => queue,
  }
}
