import type { DialogueRule } from '#sdk'

import { chooseOption } from './choose-option.ts'

/**
 * Answers to the questions about a list, by the names that the wording gives them, so that the list ends up with exactly
 * the wanted values: an entry that is wanted stays, one that is not is deleted, and what is missing then is added.
 */
export function answerList(
  name: string,
  wanted: readonly string[],
): Readonly<Record<string, Exclude<DialogueRule['answer'], string>>> {
  const missing = [...wanted]
  const kept = new Set<string>()
  return {
    [`${name} that is there`]({ 1: entry = '', input }) {
      if (!wanted.includes(entry) || kept.has(entry)) return chooseOption(input, 'delete')
      kept.add(entry)
      missing.splice(missing.indexOf(entry), 1)
      return chooseOption(input, 'keep')
    },
    [`another ${name}`]: ({ input }) => chooseOption(input, missing.length > 0 ? 'yes' : 'no'),
    [name]: () => missing.shift() ?? '',
  }
}
