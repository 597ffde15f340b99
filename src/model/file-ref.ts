import { InternalError } from './error.ts'

/** A file named in an inventory. What is written is relative to the inventory; the loader anchors it once. */
export class FileRef {
  readonly written: string
  #path: string | undefined

  constructor(written: string) {
    this.written = written
  }

  /** Fixes the absolute path. */
  anchor(path: string): void {
    this.#path = path
  }

  /** The absolute path. */
  get path(): string {
    if (this.#path === undefined) throw new InternalError(`the file ${this.written} was not anchored`)
    return this.#path
  }

  toString(): string {
    return this.written
  }

  toJSON(): string {
    return this.written
  }
}
