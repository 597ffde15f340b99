import { z } from 'zod'

/** Longest pattern that is taken: what somebody can still read. */
const LONGEST = 500

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'i').source !== ''
  } catch {
    return false
  }
}

const pattern = z
  .string()
  .min(1, 'is empty: it would fit everything')
  .max(LONGEST)
  .refine(isPattern, 'is not a regular expression')
const patterns = z.array(pattern)

const prompt = z.strictObject({
  patterns: patterns.min(1).meta({
    description:
      'regular expressions, without regard to case; held against the line that the command stopped at',
  }),
  answer: z.string().optional().meta({
    description: 'what is typed; {name} stands for a value of the step. Without it the step itself decides',
  }),
  most: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'how often it may come before that counts as a refusal; 2 where absent' }),
})

const command = z.strictObject({
  replaces: z
    .boolean()
    .default(false)
    .meta({ description: 'forget all prompts and texts of this command that were known before' }),
  prompts: z
    .record(z.string(), prompt)
    .default({})
    .meta({ description: 'by name; the first one that fits answers' }),
  successes: patterns
    .default([])
    .meta({ description: 'texts of which one must have been printed, where there are any' }),
  failures: patterns
    .default([])
    .meta({ description: 'texts that say it failed; the whole match is the reason' }),
})

/**
 * What an appliance asks and says, as data: prompts with their answers, and the texts of success and failure, by command.
 * Plain JSON, so that it can stand in a file of its own for every OS build and in an inventory.
 */
export const wordingSchema = z.strictObject({
  build: z.string().min(1).meta({ description: 'the OS build that speaks like this' }),
  failures: patterns.default([]).meta({
    description: 'texts that say after any command that it failed, or refused an answer',
  }),
  replacesFailures: z
    .boolean()
    .default(false)
    .meta({ description: 'forget those texts that were known before for any command' }),
  commands: z.record(z.string(), command).default({}).meta({ description: 'by command: configure-network' }),
})

/** A wording as it is written: all but the build may be left out. */
export type WrittenWording = z.input<typeof wordingSchema>

/** A wording that was checked. */
export type Wording = z.output<typeof wordingSchema>

/** The wording of one command. */
export type CommandWording = Wording['commands'][string]

/**
 * Adds a wording to another. What `over` says comes first: its patterns are tried before, its answers win, and its texts
 * of success and failure hold beside those known. Only a command with `replaces` forgets what was known of it, and only
 * with `replacesFailures` the failures of all commands are forgotten.
 */
export function mergeWordings(base: Wording, over: Wording): Wording {
  const commands = { ...base.commands }
  for (const [name, added] of Object.entries(over.commands)) {
    const known = base.commands[name]
    commands[name] = known === undefined || added.replaces ? added : mergeCommands(known, added)
  }
  const { build, replacesFailures } = over
  const failures = replacesFailures ? over.failures : unite(over.failures, base.failures)
  return { build, failures, replacesFailures, commands }
}

function mergeCommands(base: CommandWording, over: CommandWording): CommandWording {
  const prompts: CommandWording['prompts'] = {}
  for (const [name, added] of Object.entries(over.prompts)) {
    const known = base.prompts[name]
    prompts[name] = { ...known, ...added, patterns: unite(added.patterns, known?.patterns ?? []) }
  }
  for (const [name, known] of Object.entries(base.prompts)) prompts[name] ??= known
  return {
    replaces: base.replaces,
    prompts,
    successes: unite(over.successes, base.successes),
    failures: unite(over.failures, base.failures),
  }
}

function unite(first: readonly string[], then: readonly string[]): string[] {
  return [...new Set([...first, ...then])]
}
