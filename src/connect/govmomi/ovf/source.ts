/** A stretch of bytes. */
export interface ByteRange {
  readonly offset: number
  readonly size: number
}

/** Bytes that can be read from any place on: a file, or what a web server offers by ranges. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number
  /** Reads exactly that stretch, which has to fit in memory. Throws a `VimError` where the source ends before. */
  read(range: ByteRange, options?: { readonly signal?: AbortSignal }): Promise<Buffer>
  /**
   * Reads a stretch piece by piece, one piece ahead of who takes them. A piece is good until the next one is asked for:
   * its memory is used again.
   */
  stream(range: ByteRange, options?: { readonly signal?: AbortSignal }): AsyncIterable<Buffer>
  close(): Promise<void>
}
