/** One thing wrong in a file of the user's. All issues of a file are found before any is reported. */
export interface Issue {
  /** Where inside the file, as a user would write it: `sites.fra.clusters.fra-1.nodes.fra-1-a.proxy`. */
  readonly path: string
  /** What is wrong, with the value that is wrong. */
  readonly message: string
  /** The rule of the checklist that it breaks: `S-048`, `X-02`. */
  readonly rule?: string
  /** What to write instead. */
  readonly hint?: string
  readonly file?: string
  /** One-based line in `file`, where the format can tell. */
  readonly line?: number
}
