import type { Clock } from '../../model/clock.ts'
import { LostAnswerError, ZiaError } from './error.ts'
import type { ZiaUse } from './session.ts'

/** How an edit is insisted on. */
export interface Insistence {
  readonly clock: Clock
  readonly use: ZiaUse
  /** Why it is made again after this error, in words for the user; nothing where it is not. */
  readonly why: (error: unknown) => string | undefined
}

const TRIES = 4

/** Makes an edit again, from its beginning, as long as there is a reason to. */
export async function insist<T>(attempt: () => Promise<T>, { clock, use, why }: Insistence): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt()
    } catch (error) {
      const reason = why(error)
      if (reason === undefined) throw error
      if (tried >= TRIES) throw lastWord(error)
      use.waiting?.(reason)
      await clock.sleep(2 ** tried * 1000, { signal: use.signal })
    }
  }
}

/** The reason to look again after an answer was lost. */
export function whyLost(error: unknown): string | undefined {
  return error instanceof LostAnswerError
    ? 'the answer to an edit was lost; looking whether it was made'
    : undefined
}

/** What ZIA itself said, where it said anything: it was reached, so the connection is not to blame. */
function lastWord(error: unknown): unknown {
  return error instanceof LostAnswerError && error.cause instanceof ZiaError ? error.cause : error
}
