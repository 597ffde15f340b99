/** What is on its way to the disk. A reply that may tell of a change waits until all of it has arrived. */
export interface Saves {
  add(save: Promise<void>): void
  /** Resolves when everything that was added before the call is on disk; rejects where something could not be. */
  settled(): Promise<void>
}

/** Makes an empty list of writes. */
export function createSaves(): Saves {
  const pending = new Set<Promise<void>>()
  return {
    add(save) {
      pending.add(save)
      const forget = (): void => void pending.delete(save)
      save.then(forget, forget)
    },
    async settled() {
      if (pending.size > 0) await Promise.all(pending)
    },
  }
}
