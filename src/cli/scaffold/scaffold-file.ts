/** A file to start from. */
export interface ScaffoldFile {
  /** Relative to the project, with slashes. */
  readonly path: string
  readonly text: string
}
