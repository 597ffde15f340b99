import type { Clock } from './clock.ts'

/** What brings something about on a person's behalf is given. */
export interface BringUse {
  /** Ends the wait: the person was quicker, or the run is over. */
  readonly signal: AbortSignal
  /** The only clock. */
  readonly clock: Clock
  /** Told what is waited for, and what has come that is not it. */
  readonly tell: (reason: string) => void
}

/** Something a person has to do that no API offers. */
export interface HumanTask {
  /** One line: `Download the certificate of lab-1-a`. */
  readonly title: string
  /** Where to click, and what to put where. */
  readonly instructions: readonly string[]
  /** A file whose appearance shows that it was done, absolute. */
  readonly awaits?: string
  /** What has to be typed, exactly; nothing else shows that it was done. */
  readonly types?: string
  /**
   * Brings it about without the person at the keyboard: by watching what somebody else fills, or by asking a system.
   * Resolves to true when it is there, to false where it can never tell; the person is asked all the same.
   */
  readonly bring?: ((use: BringUse) => Promise<boolean>) | undefined
}

/** The person at the keyboard, or whoever stands in for one. */
export interface Operator {
  /** Whether somebody is really asked, so that whatever draws on the screen has to make room. */
  readonly isAsked: boolean
  /** Whether somebody is really asked to type something, where that differs: the lab's person does all but that. */
  readonly isAskedToType?: boolean
  /**
   * Has it done. Resolves to true when the person says it is done (or has typed what was to be typed, or the awaited file
   * is there), to false where there is nobody to ask, or nothing was typed.
   */
  perform(task: HumanTask, options: { readonly signal: AbortSignal }): Promise<boolean>
  /** Asks yes or no; `all` means yes to this and every later question. `nobody` where there is no one to ask. */
  confirm(
    question: string,
    options: { readonly signal: AbortSignal },
  ): Promise<'yes' | 'no' | 'all' | 'nobody'>
}
