import type { BringUse } from '#sdk'

/** A file that only the portal has: what it is, whose, and where it is wanted. */
export interface WantedFile {
  readonly kind: 'certificate' | 'image'
  /** Where it has to be in the end, absolute. Nothing that is there already is ever replaced. */
  readonly path: string
  /** The node whose certificate it is; none for the image. */
  readonly node?: string | undefined
  /** All nodes, for whom a certificate could be as well. */
  readonly nodes: readonly string[]
  /** Which file it is, where that is known: a name with `*` and `?`, or a SHA-256. */
  readonly match?: Readonly<Record<string, string>> | undefined
}

/**
 * Where files come from that no public API offers today: a folder that somebody fills. Should an API come, it is another
 * source: it asks, writes the file, and says true.
 */
export interface Source {
  /**
   * Waits until the source has the file, and puts it where it is wanted. False where it can never tell; rejects with a
   * `TimeoutError` that names what did come, and with the signal's reason when it is aborted.
   */
  bring(this: void, wanted: WantedFile, use: BringUse): Promise<boolean>
}
