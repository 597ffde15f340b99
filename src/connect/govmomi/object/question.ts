import type { Caller } from '../client.ts'
import { VimError } from '../error.ts'
import type { MoRef, Value } from '../schema/values.ts'
import type { Watcher } from '../watch.ts'

/** What a virtual machine wants to know before it goes on. */
export interface Question {
  readonly id: string
  /** What it is about, in the API's own words: `msg.uuid.altered`. Empty where it does not say. */
  readonly topic: string
  readonly text: string
  readonly choices: readonly { readonly key: string; readonly label: string }[]
}

/** The choice that answers a question; undefined where a person has to decide. */
export type AnswerQuestion = (question: Question) => string | undefined

/** What is asked, out of what was read; undefined where nothing is. */
export function toQuestion(info: Value<'VirtualMachineQuestionInfo'> | undefined): Question | undefined {
  if (info === undefined) return undefined
  // Some servers say what it is about before the text, some beside it.
  const [, prefix, rest] = /^(msg\.[\w.]+):\s*([^]*)$/.exec(info.text) ?? []
  return {
    id: info.id,
    topic: info.message[0]?.id ?? prefix ?? '',
    text: (rest ?? info.text).trim(),
    choices: info.choice.choiceInfo.map(({ key, label }) => ({ key, label })),
  }
}

/** A question that nobody has an answer for, as an error with the choices there are. */
export function describeQuestion(machine: string, { text, choices }: Question): VimError {
  const labels = choices.map(({ label }) => `“${label}”`).join(', ')
  return new VimError('decision', `${machine} asks: ${text} (${labels})`, {
    hint: 'answer it in the vSphere client, then run again',
  })
}

/** Who is asked, in what words, and who answers. */
export interface Answering {
  readonly machine: MoRef
  /** The machine's name, for messages. */
  readonly name: string
  readonly answer: AnswerQuestion
  readonly signal: AbortSignal
}

/**
 * Answers whatever a machine asks, until the signal is aborted: it never resolves. Rejects with a `VimError` at the first
 * question that has no answer.
 */
export async function answerQuestions(
  { caller, watcher }: { readonly caller: Caller; readonly watcher: Watcher },
  { machine, name, answer, signal }: Answering,
): Promise<never> {
  let answered = ''
  for (;;) {
    const asked: Question[] = []
    await watcher.watch({
      type: 'VirtualMachine',
      ref: machine,
      paths: ['runtime.question'],
      signal,
      until(seen) {
        const value = seen.get('runtime.question')
        if (typeof value !== 'object') return false
        const question = toQuestion(value as Value<'VirtualMachineQuestionInfo'>)
        if (question === undefined || question.id === answered) return false
        asked.push(question)
        return true
      },
    })
    const [question] = asked
    if (question === undefined) continue
    const answerChoice = answer(question)
    if (answerChoice === undefined) throw describeQuestion(name, question)
    await caller.call('AnswerVM', { self: machine, args: { questionId: question.id, answerChoice }, signal })
    answered = question.id
  }
}
