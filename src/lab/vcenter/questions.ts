import { faults } from './model/method-fault.ts'
import type { Question, Questions } from './model/question.ts'
import type { World } from './model/world.ts'

interface Pending {
  readonly question: Question
  readonly settle: (choice: string) => void
}

/** Makes a server's list of questions; nobody asks anything yet. */
export function createQuestions(world: World): Questions {
  const pending = new Map<string, Pending>()
  let last = 0
  return {
    of: (moid) => pending.get(moid)?.question,
    async ask(moid, asked, signal) {
      signal.throwIfAborted()
      const question: Question = { ...asked, id: String(++last) }
      const over = new AbortController()
      try {
        return await new Promise<string>((resolve, reject) => {
          const giveUp = (): void => reject(signal.reason as Error)
          signal.addEventListener('abort', giveUp, { once: true, signal: over.signal })
          pending.set(moid, { question, settle: resolve })
          world.changes.touch(moid)
        })
      } finally {
        over.abort()
        pending.delete(moid)
        world.changes.touch(moid)
      }
    },
    answer(moid, { id, choice }) {
      const open = pending.get(moid)
      if (open?.question.id !== id) throw faults.invalidArgument('questionId')
      if (!open.question.choices.some(([key]) => key === choice)) throw faults.invalidArgument('answerChoice')
      open.settle(choice)
    },
  }
}
