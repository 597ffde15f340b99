/** Tells those who wait that something about an object is different now. */
export interface Changes {
  /** Says that properties of these objects changed. */
  touch(...moids: readonly string[]): void
  /** Says that objects came, went, or moved. */
  restructure(): void
  /** Calls `listener` with the object, or with nothing where the structure changed, until the result is called. */
  listen(listener: (moid: string | undefined) => void): () => void
}

/** Makes a bus with nobody on it. */
export function createChanges(): Changes {
  const listeners = new Set<(moid: string | undefined) => void>()
  const tell = (moid: string | undefined): void => {
    for (const listener of listeners) listener(moid)
  }
  return {
    touch: (...moids) => {
      for (const moid of moids) tell(moid)
    },
    restructure: () => tell(undefined),
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
