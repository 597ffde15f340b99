/** A request on its way through a tenant, as somebody who watches sees it. */
export interface Passage {
  /** Its place among all requests since this process began, from 1; sign-ins count. */
  readonly number: number
  readonly method: string
  /** Without the API's prefix: `/virtualZenNodes/6001`. */
  readonly path: string
  /** `arrived`: nothing has come of it yet. `answered`: it was carried out or refused, and nobody was told yet. */
  readonly moment: 'arrived' | 'answered'
  /** Of the answer. */
  readonly status?: number | undefined
}

/** Sees every request twice, and may do something meanwhile; `cut` breaks the connection there. */
export type Watcher = (passage: Passage) => 'cut' | void | Promise<'cut' | void>

/** Everybody who watches a tenant. */
export interface Watch {
  /** Adds a watcher, and gives the way to leave. */
  add(watcher: Watcher): () => void
  /** Shows a request to all, one after the other; whether one of them cuts it. */
  show(passage: Passage): Promise<boolean>
}

/** Makes a watch of nobody. */
export function createWatch(): Watch {
  const watchers = new Set<Watcher>()
  return {
    add(watcher) {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    async show(passage) {
      let isCut = false
      for (const watcher of watchers) if ((await watcher(passage)) === 'cut') isCut = true
      return isCut
    },
  }
}
