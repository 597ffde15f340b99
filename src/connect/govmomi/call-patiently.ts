import type { Call, Caller } from './client.ts'
import { VimError } from './error.ts'
import { operations, type OperationName } from './schema/operations.ts'
import type { OperationEntry } from './schema/shape.ts'
import type { Result } from './schema/values.ts'
import type { Sleep } from './sleep.ts'

/** How a call is given again. */
export interface Patience {
  readonly sleep: Sleep
  /** Whether the server was never met: where it cannot be reached at all, its name or port is wrong more often than not. */
  readonly isStrange?: boolean
}

/** Milliseconds before each further try. */
const RETRY_AFTER = [200, 1000, 5000]

// A call that changes nothing, or the same when it comes twice, may be sent again when its connection broke; nobody can tell
// whether any other arrived.
function isRepeatable(operation: OperationName): boolean {
  const entry: OperationEntry = operations[operation]
  return !entry.mutates || entry.repeatable === true
}

/**
 * Calls an operation, and again a few times where that may help and can do no harm: what has not left can always be sent.
 * Throws what the last call throws.
 */
export async function callPatiently<O extends OperationName>(
  caller: Caller,
  [operation, call]: readonly [O, Call<O>],
  { sleep, isStrange = false }: Patience,
): Promise<Result<O>> {
  for (const pause of RETRY_AFTER) {
    try {
      return await caller.call(operation, call)
    } catch (error) {
      if (!(error instanceof VimError) || !error.isTransient) throw error
      if (error.isUnsent ? isStrange : !isRepeatable(operation)) throw error
      await sleep(pause, { signal: call.signal })
    }
  }
  return caller.call(operation, call)
}
