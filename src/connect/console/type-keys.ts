import type { Clock } from '../../model/clock.ts'
import { ConnectError } from '../../model/error.ts'
import type { ConsolePort, Key } from './port.ts'

/** How keys are typed. */
export interface TypeOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How many keys go in one call; machines lose keys of larger ones. */
  readonly batch: number
}

const PAUSE = 40
const ATTEMPTS = 5

/**
 * Presses keys in small batches. A machine that takes fewer keys than it was given gets the rest again; one that takes
 * none several times in a row is a `ConnectError`. Resolves to whether every batch was taken whole.
 */
export async function typeKeys(
  port: ConsolePort,
  keys: readonly Key[],
  { clock, signal, batch }: TypeOptions,
): Promise<boolean> {
  if (port.type === undefined) {
    throw new ConnectError('absent', 'nothing may be typed on the console', {
      hint: 'in check mode a console is only looked at',
    })
  }
  let at = 0
  let whole = true
  let refusals = 0
  while (at < keys.length) {
    signal.throwIfAborted()
    const some = keys.slice(at, at + (whole ? batch : 1))
    const taken = Math.max(0, Math.min(some.length, await port.type(some, signal)))
    at += taken
    if (taken < some.length) {
      whole = false
      refusals = taken === 0 ? refusals + 1 : 0
      if (refusals >= ATTEMPTS) {
        throw new ConnectError('protocol', `the console took only ${at} of ${keys.length} keys`, {
          hint: 'see whether the virtual machine is powered on and answers to its keyboard',
        })
      }
    }
    if (at < keys.length) await clock.sleep(PAUSE, { signal })
  }
  return whole
}
