/**
 * Waits until all of these have ended, also where one has failed: nothing may go on under a run that is over. Throws what
 * the first of them threw.
 */
export async function allEnded(works: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(works)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
