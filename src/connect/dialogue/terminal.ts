import type { CommandResult } from '../../model/command-result.ts'
import type { Answer } from './dialogue.ts'

/** What a terminal shows since something was last sent to it. */
export interface Heard {
  /** Without escapes and with `\n` as line break; the last line is where the other side stopped. */
  readonly text: string
  /** How the command ended; nothing while it runs. */
  readonly ended: CommandResult | undefined
  /** Whether anything came since `listen` was called; otherwise it was quiet all the time. */
  readonly news: boolean
}

/** How an answer is typed. */
export interface SendOptions {
  readonly signal: AbortSignal
  readonly hidden?: boolean | undefined
}

/** A command on a terminal, whatever the terminal is: a pseudo-terminal over SSH or the screen of a machine. */
export interface Terminal {
  /** Waits for more, for the end, or for `quiet` milliseconds of the run’s clock in which nothing came. */
  listen(options: { readonly quiet: number; readonly signal: AbortSignal }): Promise<Heard>
  /**
   * Types an answer and the line break. A secret is typed only where nothing of it shows: its first character is typed
   * and looked for, unless the prompt is known to be `hidden`. Rejects with a `ConnectError` where it shows.
   */
  send(answer: Answer, options: SendOptions): Promise<void>
  /** Ends the command where it still runs. */
  interrupt(): Promise<void>
}
