import { mergeWordings, planDialogue, wordingSchema, type Dialogue, type Wording } from '#sdk'

import { chooseOption, type Meaning } from './choose-option.ts'
import { DEFAULT_WORDING } from './wording/default.ts'

/** What a module that talks to `vzen` may be told about its words. */
export const wordingParam = {
  wording: wordingSchema.optional().meta({
    description: 'What this OS build asks and says differently from modules/vzen/wording/default.ts',
  }),
}

type Plan = Omit<Parameters<typeof planDialogue>[1], 'key'>

const MEANINGS: readonly Meaning[] = ['yes', 'no', 'keep', 'delete']

const meaningOf = (answer: string | undefined): Meaning | undefined =>
  MEANINGS.find((meaning) => answer === `{${meaning}}`)

/**
 * Makes the conversation of one `vzen` command from the known wording and what the inventory says differently. Answers of
 * yes, no, keep and delete take the letter or word that the prompt itself offers.
 */
export function planConversation({
  wording,
  answers = {},
  ...plan
}: Plan & { readonly wording: Wording | undefined }): Dialogue {
  const known = wordingSchema.parse(DEFAULT_WORDING)
  const merged = wording === undefined ? known : mergeWordings(known, wording)
  const chosen: Record<string, NonNullable<Plan['answers']>[string]> = {}
  for (const [name, { answer }] of Object.entries(merged.commands[plan.command]?.prompts ?? {})) {
    const meaning = meaningOf(answer)
    if (meaning !== undefined) chosen[name] = ({ input }) => chooseOption(input, meaning)
  }
  return planDialogue(merged, { ...plan, key: 'appliance.wording', answers: { ...answers, ...chosen } })
}
