import { access, watch } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface, type Interface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

import type { HumanTask, Operator } from '../model/operator.ts'

/** Where a person sits: a terminal for questions and one for answers. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
}

type Confirmation = Awaited<ReturnType<Operator['confirm']>>

/** Nobody is there: every question has the same answer. */
export const absentOperator: Operator = {
  isAsked: false,
  perform: () => Promise.resolve(false),
  confirm: () => Promise.resolve('nobody'),
}

/** The person at a terminal. */
export function createTerminalOperator(terminal: Terminal): Operator {
  return {
    isAsked: true,
    perform: (task, { signal }) =>
      task.types === undefined
        ? performTask(terminal, task, signal)
        : askToType(terminal, task.types, signal),
    confirm: (_question, { signal }) => askYesNo(terminal, signal),
  }
}

/** Whoever listens to events has shown the question. */
async function askYesNo(terminal: Terminal, signal: AbortSignal): Promise<Confirmation> {
  return withLines<Confirmation>(terminal, {
    signal,
    declined: 'no',
    async ask(lines) {
      for (;;) {
        const answer = await lines.question('[y]es, [n]o, [a]ll: ', { signal })
        const word = answer.trim().toLowerCase()
        if (word === 'y' || word === 'yes') return 'yes'
        if (word === 'n' || word === 'no') return 'no'
        if (word === 'a' || word === 'all' || word === 'c') return 'all'
      }
    },
  })
}

/** Whether the person typed exactly this; an empty line declines. */
async function askToType(terminal: Terminal, types: string, signal: AbortSignal): Promise<boolean> {
  return withLines(terminal, {
    signal,
    declined: false,
    async ask(lines) {
      let question = `Type ${types} to go on, or nothing to stop: `
      for (;;) {
        const answer = (await lines.question(question, { signal })).trim()
        if (answer === types || answer === '') return answer === types
        question = `That is not ${types}. Type it exactly, or nothing to stop: `
      }
    },
  })
}

/** Done when the person presses Enter, or when the file that is awaited appears. */
async function performTask(terminal: Terminal, task: HumanTask, signal: AbortSignal): Promise<boolean> {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  try {
    return await withLines(terminal, {
      signal,
      declined: false,
      async ask(lines) {
        const entered = lines.question('Press Enter when it is done: ', { signal: either })
        await Promise.race([entered, appearanceOf(task.awaits, either)])
        return true
      },
    })
  } finally {
    done.abort()
  }
}

/** Resolves when a file appears; never where none is awaited or its folder cannot be watched. */
async function appearanceOf(path: string | undefined, signal: AbortSignal): Promise<void> {
  const isThere = (file: string): Promise<boolean> =>
    access(file).then(
      () => true,
      () => false,
    )
  if (path !== undefined && !(await isThere(path))) {
    try {
      const events = watch(dirname(path), { signal })[Symbol.asyncIterator]()
      while ((await events.next()).done !== true) {
        if (await isThere(path)) return
      }
    } catch {
      // Enter still works; a folder that does not exist yet cannot be watched.
    }
  }
  await new Promise<never>(() => undefined)
}

interface Questions<T> {
  /** Ends the questions. */
  readonly signal: AbortSignal
  /** What it means when the person ends the input (Ctrl-D) instead of answering. */
  readonly declined: T
  readonly ask: (lines: Interface) => Promise<T>
}

async function withLines<T>(
  { input, output }: Terminal,
  { signal, declined, ask }: Questions<T>,
): Promise<T> {
  const lines = createInterface({ input, output })
  // While a line is edited the terminal makes no signal of Ctrl-C, and whoever presses it means the whole run.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const ended = new Promise<T>((resolve) => lines.once('close', () => resolve(declined)))
  try {
    const answer = ask(lines).catch((error: unknown) => {
      const isEnded = !signal.aborted && error instanceof Error && error.name === 'AbortError'
      if (!isEnded) throw error
      return declined
    })
    return await Promise.race([answer, ended])
  } finally {
    lines.close()
  }
}
