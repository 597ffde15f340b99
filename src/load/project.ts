/** Where the content of a project lives, and the engine that its files are to share. */
export interface Project {
  /** Absolute folder with `runbooks/`, `modules/`, `inventory/` and `package.json`. */
  readonly root: string
  /** URL of the running engine's `sdk` module: what `#sdk` means in every loaded file. */
  readonly sdk: string
  /** The engine's version; a new engine reads nothing that an old one has cached. */
  readonly version: string
  /** Absolute folder for what a run leaves behind: `.runbook` beside the project's files. */
  readonly state: string
}
