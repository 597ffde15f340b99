import { ConnectError, type ModuleContext } from '#sdk'

/** Milliseconds for which a server that went away is waited for, and between two tries. */
const PATIENCE = 10 * 60_000
const PAUSE = 10_000

/**
 * Does what must not stay undone, and can be done twice: again for ten minutes where the server cannot be reached, and also where
 * the step is stopped meanwhile. `cannot` says what waits for it, for the one warning.
 */
export async function outlast(
  { clock, warn }: Pick<ModuleContext<unknown, unknown>, 'clock' | 'warn'>,
  cannot: string,
  work: () => Promise<void>,
): Promise<void> {
  const deadline = clock.now() + PATIENCE
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ConnectError) || clock.now() >= deadline) throw error
      if (attempt === 1) warn(`${cannot} yet: ${error.message}; tried again for ${PATIENCE / 60_000} minutes`)
      await clock.sleep(PAUSE)
    }
  }
}
