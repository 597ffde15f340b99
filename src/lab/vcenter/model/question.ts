import type { Input } from '../../../connect/govmomi/schema/values.ts'

/** What a machine asks before it goes on. */
export interface Question {
  /** Unique among the server's questions. */
  readonly id: string
  /** The server's name for what is asked: `msg.uuid.altered`. */
  readonly message: string
  readonly text: string
  /** Keys of the answers with what each of them says. */
  readonly choices: readonly (readonly [key: string, label: string])[]
  /** Place of the answer that a client offers first. */
  readonly preset: number
}

/** The questions that wait for their answers. */
export interface Questions {
  /** What a machine asks at the moment. */
  of(moid: string): Question | undefined
  /** Asks, and gives the key of the answer; rejects when the signal is aborted first. */
  ask(moid: string, question: Omit<Question, 'id'>, signal: AbortSignal): Promise<string>
  /** Answers. Throws `InvalidArgument` where the machine does not ask that, or the question has no such answer. */
  answer(moid: string, answer: { readonly id: string; readonly choice: string }): void
}

/** A question as clients read it. */
export function describeQuestion({
  id,
  message,
  text,
  choices,
  preset,
}: Question): Input<'VirtualMachineQuestionInfo'> {
  return {
    id,
    text,
    choice: {
      choiceInfo: choices.map(([key, label]) => ({
        $type: 'ElementDescription',
        key,
        label,
        summary: label,
      })),
      defaultIndex: preset,
    },
    message: [{ id: message, text }],
  }
}
