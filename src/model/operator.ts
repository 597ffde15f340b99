/** Something a person has to do that no API offers. */
export interface HumanTask {
  /** One line: `Download the certificate of lab-1-a`. */
  readonly title: string
  /** Where to click, and what to put where. */
  readonly instructions: readonly string[]
  /** A file whose appearance shows that it was done, absolute. */
  readonly awaits?: string
}

/** The person at the keyboard, or whoever stands in for one. */
export interface Operator {
  /** Whether somebody is really asked, so that whatever draws on the screen has to make room. */
  readonly isAsked: boolean
  /**
   * Has it done. Resolves to true when the person says it is done (or the awaited file is there), to false where
   * there is nobody to ask.
   */
  perform(task: HumanTask, options: { readonly signal: AbortSignal }): Promise<boolean>
  /** Asks yes or no; `all` means yes to this and every later question. `nobody` where there is no one to ask. */
  confirm(
    question: string,
    options: { readonly signal: AbortSignal },
  ): Promise<'yes' | 'no' | 'all' | 'nobody'>
}
