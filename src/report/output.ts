/** Where a reporter writes: `process.stdout` is one, and so is an object that collects text in a test. */
export interface Output {
  write(text: string): unknown
  /** Width of the terminal in columns; none where there is no terminal. */
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  readonly isTTY?: boolean | undefined
}

/** What every reporter that writes for people has to know. */
export interface TextOptions {
  readonly out: Output
  /** Show what changes, before and after. */
  readonly diff: boolean
  /** How many `-v` were given: 1 the commands, 2 their output, 3 the wire. */
  readonly verbosity: 0 | 1 | 2 | 3
  readonly colour: boolean
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean
}
