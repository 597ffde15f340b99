import { randomBytes } from 'node:crypto'

import { ConnectError } from '../model/error.ts'
import type { CommandLine } from '../shell/sh.ts'
import type { Answered } from './appliance.ts'

/** Several commands as one line of `sh`, and the mark that stands before each one’s exit code in what is printed. */
export interface JoinedQuery {
  readonly text: string
  readonly mark: string
}

/**
 * Joins commands so that they cost one round trip. After each one a line with a mark of its own and the exit code is
 * printed; what it prints on either stream comes before that.
 */
export function joinQuery(commands: Readonly<Record<string, CommandLine>>): JoinedQuery {
  const mark = `==${randomBytes(3).toString('hex')}`
  const parts = Object.values<CommandLine>(commands).map(({ text }) => `{ ${text}; } 2>&1; echo ${mark}:$?`)
  return { text: parts.join('; '), mark }
}

/** Splits what the joined commands printed. Throws where the end is missing: the output was cut off on its way. */
export function splitAnswers<K extends string>(
  printed: string,
  { commands, mark }: { readonly commands: Readonly<Record<K, CommandLine>>; readonly mark: string },
): Readonly<Record<K, Answered>> {
  const names = Object.keys(commands) as K[]
  const answers: Partial<Record<K, Answered>> = {}
  let rest = printed
  for (const name of names) {
    const end = new RegExp(`${mark}:(\\d+)[ \\t\\r]*(?:\\n|$)`).exec(rest)
    if (end === null) throw new ConnectError('protocol', `the output of ${commands[name].text} was cut off`)
    answers[name] = { code: Number(end[1]), output: rest.slice(0, end.index).replaceAll('\r', '') }
    rest = rest.slice(end.index + end[0].length)
  }
  return answers as Record<K, Answered>
}
