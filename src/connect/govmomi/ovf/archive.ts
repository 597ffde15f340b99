import type { ByteRange } from './source.ts'

/** Where a server can fetch an image by itself. */
export interface Origin {
  readonly url: string
  /** SHA-1 fingerprint of the certificate that was met there, `AB:CD:…`; none over plain HTTP. */
  readonly thumbprint: string | undefined
}

/** The files of an image, wherever they are: in a tar archive, in a folder, behind a URL. */
export interface OvfArchive {
  /** The name of its descriptor. */
  readonly descriptor: string
  /** Set where it is one file behind a URL. */
  readonly origin?: Origin | undefined
  /** Bytes of a file; undefined where there is none of that name. Throws a `VimError` for a name that leads outside. */
  sizeOf(name: string): Promise<number | undefined>
  /** Reads a stretch of a file, which has to be there, piece by piece; each piece is good until the next is asked for. */
  stream(name: string, range: ByteRange, signal?: AbortSignal): AsyncIterable<Buffer>
  /**
   * Called when every file was read here. Throws a `VimError` where the image as a whole is not what it has to be; absent
   * where nothing is known about the whole.
   */
  finish?(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
