import type { Consent } from '../model/consent.ts'
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
  /** Whether somebody agrees by typing; asked once a run. False where there is nobody, or nothing was typed. */
  agree(consent: Consent, asking: Asking): Promise<boolean>
}

interface Turn extends Asking {
  readonly isAsked?: boolean
}

interface Announcement {
  readonly title: string
  readonly lines: readonly string[]
  readonly target: string
  readonly isAsked?: boolean
}

/** Makes the desk of a run: one question at a time, told of in events only where somebody is really asked. */
export function createDesk({ operator, emit }: { readonly operator: Operator; readonly emit: Emit }): Desk {
  const agreed = new Set<Topic>()
  const given = new Map<string, boolean>()
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(ask: () => Promise<T>, { signal, isAsked = operator.isAsked }: Turn): Promise<T> {
    if (!isAsked) return ask()
    const answer = turn.then(() => {
      if (signal.aborted) throw new AbortError('interrupted before somebody could be asked')
      return ask()
    })
    turn = answer.catch(() => undefined)
    return answer
  }

  /** Whatever draws on the screen makes room until the answer, also where there is none. */
  async function announce<T>(
    { title, lines, target, isAsked = operator.isAsked }: Announcement,
    ask: () => Promise<T>,
  ): Promise<T> {
    if (!isAsked) return ask()
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
    agree({ title, losses, types }, { target, signal }) {
      const isAsked = operator.isAskedToType ?? operator.isAsked
      const ask = async (): Promise<boolean> => {
        const known = given.get(title)
        if (known !== undefined) return known
        const task: HumanTask = { title, instructions: losses, types }
        const lines = [...losses, `to agree, type ${types}`]
        const isGiven = await announce({ title, lines, target, isAsked }, () =>
          operator.perform(task, { signal }),
        )
        given.set(title, isGiven)
        return isGiven
      }
      return inTurn(ask, { target, signal, isAsked })
    },
  }
}
