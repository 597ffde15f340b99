import type { Emit } from '../model/event.ts'
import type { HumanTask, Operator } from '../model/operator.ts'

/** On whose behalf somebody is asked. */
export interface Asking {
  readonly target: string
  readonly signal: AbortSignal
}

/** Where the steps of a run queue for the one person there is. */
export interface Desk {
  /** Has something done; `open` says what is not done yet. False where there is nobody. */
  perform(task: HumanTask, asking: Asking & { readonly open: readonly string[] }): Promise<boolean>
  confirm(question: string, asking: Asking): ReturnType<Operator['confirm']>
}

/** Makes the desk of a run: one question at a time, told of in events only where somebody is really asked. */
export function createDesk({ operator, emit }: { readonly operator: Operator; readonly emit: Emit }): Desk {
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(ask: () => Promise<T>): Promise<T> {
    if (!operator.isAsked) return ask()
    const answer = turn.then(ask)
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
    perform: (task, { target, signal, open }) =>
      inTurn(() => {
        const lines = [...task.instructions, ...open.map((what) => `still open: ${what}`)]
        return announce({ title: task.title, lines, target }, () => operator.perform(task, { signal }))
      }),
    confirm: (question, { target, signal }) =>
      inTurn(() =>
        announce({ title: question, lines: [], target }, () => operator.confirm(question, { signal })),
      ),
  }
}
