import type { Secret } from '../../model/secret.ts'

/** What is typed in reply to a prompt, without the line break. */
export type Answer = string | Secret

/** How one kind of prompt is answered. */
export interface DialogueRule {
  /** Names the prompt in messages: `default gateway`. */
  readonly name: string
  /** Held against the line that the other side stopped at; one of several has to fit. */
  readonly prompt: RegExp | readonly RegExp[]
  /** Gets the match and how often this rule has answered before, from 0. */
  readonly answer: Answer | ((match: RegExpExecArray, earlier: number) => Answer)
  /** How often the prompt may come; a prompt that comes more often is a refusal of the answer. Default 2. */
  readonly max?: number | undefined
  /** The prompt is known not to show what is typed: that is not tested before a secret is. */
  readonly hidden?: boolean | undefined
  /** The prompt is in words that we had it put in: it is not listed among those that a new one may be like. */
  readonly ours?: boolean | undefined
}

/**
 * How a conversation with a command goes. Answers belong to prompts, never to positions: the first rule whose prompt
 * matches answers, and a prompt that no rule knows stops the conversation.
 */
export interface Dialogue {
  readonly rules: readonly DialogueRule[]
  /**
   * Texts that say the command failed, whatever its exit code is. They count where it ends, where it stops at nothing that
   * a rule answers, and where it asks again what was answered; before another question they are advice.
   */
  readonly failures: readonly RegExp[]
  /** One of these must have been printed, where there are any; the exit code must be 0 in any case. */
  readonly successes: readonly RegExp[]
  /** Where the rules come from, and which key of an inventory adds to them, so that a message can say where to add one. */
  readonly wording?: { readonly build: string; readonly command: string; readonly key: string } | undefined
}
