import { CommandError, ConnectError } from '../../model/error.ts'
import { MASK, Secret } from '../../model/secret.ts'
import type { Answer, Dialogue, DialogueRule } from './dialogue.ts'
import { redact } from './redact.ts'
import type { Heard, Terminal } from './terminal.ts'

const TRANSCRIPT_LIMIT = 64 * 1024
const OUTPUT_LIMIT = 2000

/** What `holdDialogue` needs beside the terminal. */
export interface HoldOptions {
  readonly dialogue: Dialogue
  /** The command, for messages. */
  readonly command: string
  readonly signal: AbortSignal
  /** Milliseconds of the run’s clock after which an unknown prompt counts as one. Default 5000. */
  readonly quiet?: number | undefined
}

/** Whether a line that was stopped at looks like a question: it ends like one, and no bracket of it is still open. */
export function looksLikePrompt(line: string): boolean {
  return isWhole(line) && /[:?>\])#$%]\s*$/.test(line)
}

/** Whether every bracket of a line is closed: a line that is still being written rarely is. */
function isWhole(line: string): boolean {
  const count = (pattern: RegExp): number => line.match(pattern)?.length ?? 0
  return count(/[([]/g) === count(/[)\]]/g) && count(/</g) <= count(/>/g)
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1)
}

/**
 * Holds a conversation with a command: waits until it stops at a prompt, answers with the rule whose pattern matches,
 * and goes on until the command ends. Throws `CommandError` on an unknown prompt, on a prompt that comes too often, on a
 * printed failure, and where the command does not end well.
 */
export async function holdDialogue(
  terminal: Terminal,
  { dialogue, command, signal, quiet = 5000 }: HoldOptions,
): Promise<{ readonly transcript: string }> {
  const asked = new Map<DialogueRule, number>()
  const secrets = new Set<Secret>()
  let said = ''

  const record = (text: string): void => {
    said = (said + redact(text, secrets)).slice(-TRANSCRIPT_LIMIT)
  }
  const fail = (message: string, { hint, heard }: { hint?: string; heard?: string } = {}): CommandError => {
    const output = (said + redact(heard ?? '', secrets)).trim().slice(-OUTPUT_LIMIT)
    return new CommandError(message, { output, ...(hint === undefined ? {} : { hint }) })
  }

  function answerOf(rule: DialogueRule, line: string): Answer {
    const earlier = asked.get(rule) ?? 0
    if (earlier >= (rule.max ?? 2)) {
      throw fail(`${command} asked for ${rule.name} ${earlier + 1} times: the answer was refused`, {
        hint: 'the lines above its last prompt say why',
        heard: line,
      })
    }
    asked.set(rule, earlier + 1)
    rule.prompt.lastIndex = 0
    const match = rule.prompt.exec(line)
    return typeof rule.answer === 'function' && match !== null
      ? rule.answer(match, earlier)
      : (rule.answer as Answer)
  }

  function checkFailures({ text }: Heard): void {
    for (const failure of dialogue.failures) {
      const match = failure.exec(text)
      if (match !== null) {
        record(text)
        throw fail(`${command} failed: ${redact(match[0], secrets).trim()}`)
      }
    }
  }

  function finish({ text, ended }: Heard): { readonly transcript: string } {
    record(text)
    if (ended?.kind === 'lost') throw new ConnectError(ended.failure, `${command}: ${ended.reason}`)
    if (ended?.kind === 'signalled') throw fail(`${command} was ended by ${ended.signal}`)
    if (ended !== undefined && ended.code !== 0)
      throw fail(`${command} ended with exit code ${ended.code}: ${lastWords(said)}`)
    if (dialogue.successes.length > 0 && !dialogue.successes.some((success) => success.test(said)))
      throw fail(`${command} ended without saying that it succeeded`)
    return { transcript: said }
  }

  try {
    for (;;) {
      const heard = await terminal.listen({ quiet, signal })
      checkFailures(heard)
      if (heard.ended !== undefined) return finish(heard)
      const line = lastLine(heard.text)
      const rule = isWhole(line) ? dialogue.rules.find(({ prompt }) => matches(prompt, line)) : undefined
      if (rule !== undefined) {
        const answer = answerOf(rule, line)
        if (answer instanceof Secret) secrets.add(answer)
        record(`${heard.text}${answer instanceof Secret ? MASK : answer}\n`)
        await terminal.send(answer, { signal })
      } else if (!heard.news && looksLikePrompt(line)) {
        throw fail(`${command} asked something that no rule answers: “${redact(line, secrets).trim()}”`, {
          hint: `add a rule with a pattern for it to modules/vzen/prompts.ts; known are ${dialogue.rules.map(({ name }) => name).join(', ')}`,
          heard: heard.text,
        })
      }
    }
  } catch (cause) {
    await terminal.interrupt().catch(() => undefined)
    throw cause
  }
}

function matches(pattern: RegExp, line: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(line)
}

function lastWords(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
