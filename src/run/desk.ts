import { AbortError } from '../model/error.ts'
import type { Emit } from '../model/event.ts'
import type { HumanTask, Operator } from '../model/operator.ts'

/** On whose behalf somebody is asked. */
export interface Asking {
  readonly target: string
  readonly signal: AbortSignal
}

/** What a question is about: “all” agrees to every later one about the same, and to nothing else. */
export type Topic = 'step' | 'disruption'

/** Where the steps of a run queue for the one person there is. */
export interface Desk {
  /** Has something done; `open` says what is not done yet. False where there is nobody. */
  perform(task: HumanTask, asking: Asking & { readonly open: readonly string[] }): Promise<boolean>
  confirm(question: string, asking: Asking & { readonly topic: Topic }): ReturnType<Operator['confirm']>
}

/** Makes the desk of a run: one question at a time, told of in events only where somebody is really asked. */
export function createDesk({ operator, emit }: { readonly operator: Operator; readonly emit: Emit }): Desk {
  const agreed = new Set<Topic>()
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(ask: () => Promise<T>, { signal }: Asking): Promise<T> {
    if (!operator.isAsked) return ask()
    const answer = turn.then(() => {
      if (signal.aborted) throw new AbortError('interrupted before somebody could be asked')
      return ask()
    })
    turn = answer.catch(() => undefined)
    return answer
  }

  /** Whatever draws on the screen makes room until the answer, also where there is none. */
  async function announce<T>(
    {
      title,
      lines,
      target,
    }: { readonly title: string; readonly lines: readonly string[]; readonly target: string },
    ask: () => Promise<T>,
  ): Promise<T> {
    if (!operator.isAsked) return ask()
    emit({ type: 'operator.asked', target, title, lines })
    let answer = 'none'
    try {
      const given = await ask()
      answer = given === true ? 'done' : String(given)
      return given
    } finally {
      emit({ type: 'operator.answered', title, answer })
    }
  }

  return {
    perform: (task, asking) =>
      inTurn(() => {
        const { target, signal, open } = asking
        const lines = [...task.instructions, ...open.map((what) => `still open: ${what}`)]
        return announce({ title: task.title, lines, target }, () => operator.perform(task, { signal }))
      }, asking),
    confirm: (question, asking) =>
      inTurn(async () => {
        const { target, signal, topic } = asking
        if (agreed.has(topic)) return 'all'
        const ask = () => operator.confirm(question, { signal })
        const answer = await announce({ title: question, lines: [], target }, ask)
        if (answer === 'all') agreed.add(topic)
        return answer
      }, asking),
  }
}
