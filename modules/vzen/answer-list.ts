import type { DialogueRule } from '#sdk'

import type { ListPrompts } from './prompts.ts'

// A list is asked about entry by entry: more questions than this are a loop.
const MOST = 32

/**
 * Answers the questions about a list so that it ends up with exactly the wanted values: an entry that is wanted stays,
 * one that is not is deleted, and what is missing then is added.
 */
export function answerList(
  name: string,
  { prompts, wanted }: { readonly prompts: ListPrompts; readonly wanted: readonly string[] },
): readonly DialogueRule[] {
  const missing = [...wanted]
  const kept = new Set<string>()
  return [
    {
      name: `an existing ${name}`,
      prompt: prompts.listed,
      max: MOST,
      answer(match) {
        const entry = match[1] ?? ''
        if (wanted.includes(entry) && !kept.has(entry)) {
          kept.add(entry)
          const at = missing.indexOf(entry)
          if (at >= 0) missing.splice(at, 1)
          return 'n'
        }
        return 'd'
      },
    },
    {
      name: `another ${name}`,
      prompt: prompts.another,
      max: MOST,
      answer: () => (missing.length > 0 ? 'y' : 'n'),
    },
    { name, prompt: prompts.value, max: MOST, answer: () => missing.shift() ?? '' },
  ]
}
