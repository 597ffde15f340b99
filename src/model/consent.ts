/** What a person agrees to by typing a text, because it cannot be undone. `--yes` does not answer it. */
export interface Consent {
  /** One line: `Decommission fra-1`. It is agreed to once a run, whatever step asks first. */
  readonly title: string
  /** What will be gone afterwards, a line each. */
  readonly losses: readonly string[]
  /** What has to be typed, exactly: the name of what is lost. */
  readonly types: string
  /** How it is given where nobody is there to type: `-e confirm=fra-1`. */
  readonly otherwise: string
}
