/** What there is of a file on the other side before it is sent. */
export interface RemoteState {
  /** Whether it is there already, byte for byte. */
  readonly same: boolean
  /** Bytes of it that an earlier upload has left under its temporary name. */
  readonly partial: number
}

/** A file on the other side, while it comes: under a temporary name beside the final one. */
export interface RemoteFile {
  look(): Promise<RemoteState>
  /**
   * Gives it its final name, in one step, where what has come has the right SHA-256. Else it stays what it is, and the
   * hash that it has there is given, in hexadecimal, as far as it can be told.
   */
  settle(): Promise<'settled' | { readonly hash: string | undefined }>
  /** Throws away what has come. */
  remove(): Promise<void>
  /** What the other side says when more is written: that the disk is full, or a quota. Nothing where that works. */
  whyFull(): Promise<string | undefined>
}

/** The name that a file and its temporary form have there, and what it has to become. */
export interface RemoteNames {
  readonly to: string
  readonly part: string
  readonly size: number
  readonly sha256: string
}

const FULL = /no space left|disk full|not enough space|quota exceeded|file too large|file size limit/i

/** Finds in what the other side says that there is no room. */
export function findFull(text: string): string | undefined {
  return text
    .split('\n')
    .find((line) => FULL.test(line))
    ?.trim()
}

/** Finds a SHA-256 in what one of the many programs prints that compute it. */
export function findHash(text: string): string | undefined {
  return /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/.exec(text)?.[0]
}
