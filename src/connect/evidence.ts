/** Where what was said to one appliance, and what was seen of it, is kept for people to look at. */
export interface Evidence {
  /** Adds to the transcript of the node: plain text, whose secrets are masked once more on the way. */
  said(text: string): void
  /** Keeps a picture of the screen; resolves to its path. */
  seen(picture: Buffer): Promise<string>
}
