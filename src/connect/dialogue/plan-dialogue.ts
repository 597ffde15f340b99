import { ConfigError } from '../../model/error.ts'
import { Secret } from '../../model/secret.ts'
import type { Answer, Dialogue, DialogueRule } from './dialogue.ts'
import type { CommandWording, Wording } from './wording.ts'

/** What a step has to say in a conversation. */
export interface DialoguePlan {
  /** The command, as the wording calls it. */
  readonly command: string
  /** The key of an inventory that adds to the wording: `appliance.wording`. */
  readonly key: string
  /** What `{name}` in an answer stands for. A secret must be the whole answer. */
  readonly values?: Readonly<Record<string, Answer>>
  /** Answers that depend on how the conversation goes, by the name of the prompt. They win over the wording’s. */
  readonly answers?: Readonly<Record<string, DialogueRule['answer']>>
}

const PLACE = /\{([A-Za-z]\w*)\}/g

/**
 * Makes the conversation of one command from the wording of an OS build. Throws a `ConfigError` that lists every prompt
 * whose answer nobody knows.
 */
export function planDialogue(wording: Wording, plan: DialoguePlan): Dialogue {
  const { command, key } = plan
  const known = wording.commands[command]
  const issues: { readonly path: string; readonly message: string }[] = []
  const rules: DialogueRule[] = []
  for (const [name, prompt] of Object.entries(known?.prompts ?? {})) {
    const answer = plan.answers?.[name] ?? fillAnswer(prompt, plan)
    if (typeof answer === 'object' && 'problem' in answer)
      issues.push({ path: `commands.${command}.prompts.${name}.answer`, message: answer.problem })
    else rules.push({ name, prompt: compile(prompt.patterns, 'i'), answer, max: prompt.most })
  }
  if (issues.length > 0) {
    throw new ConfigError(`the wording of ${wording.build} has prompts that nobody can answer`, {
      issues,
      hint: `vzen ${command} knows ${Object.keys(plan.values ?? {})
        .map((value) => `{${value}}`)
        .join(', ')}`,
    })
  }
  return {
    rules,
    failures: compile([...(known?.failures ?? []), ...wording.failures], 'im'),
    successes: compile(known?.successes ?? [], 'im'),
    wording: { build: wording.build, command, key },
  }
}

function compile(patterns: readonly string[], flags: string): readonly RegExp[] {
  return patterns.map((source) => new RegExp(source, flags))
}

interface Problem {
  readonly problem: string
}

function fillAnswer(
  { answer }: CommandWording['prompts'][string],
  { values = {} }: DialoguePlan,
): Answer | Problem {
  if (answer === undefined) return { problem: 'is missing, and the step has none for this prompt' }
  const names = [...answer.matchAll(PLACE)].map(([, name]) => name ?? '')
  const missing = names.find((name) => values[name] === undefined)
  if (missing !== undefined) return { problem: `asks for {${missing}}, which the step does not know` }
  const [first] = names
  const whole = first === undefined ? undefined : values[first]
  if (whole !== undefined && answer === `{${first}}`) return whole
  if (names.some((name) => values[name] instanceof Secret))
    return { problem: 'mixes a secret with other text' }
  return answer.replaceAll(PLACE, (_, name: string) => {
    const value = values[name]
    return typeof value === 'string' ? value : ''
  })
}
