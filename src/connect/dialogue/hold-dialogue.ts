import { CommandError, ConnectError, TimeoutError } from '../../model/error.ts'
import { MASK, Secret } from '../../model/secret.ts'
import type { Answer, Dialogue, DialogueRule } from './dialogue.ts'
import { explainPrompt } from './explain-prompt.ts'
import { redact } from './redact.ts'
import { lastLine, lineUnderMessages, stoppedAt } from './stopped-at.ts'
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

// Milliseconds of the run's clock. Text comes in pieces: the first half of a prompt may look like another one.
const SETTLE = 1000

/**
 * Holds a conversation with a command: waits until it stops at a prompt, answers with the rule whose pattern matches,
 * and goes on until the command ends. Throws `CommandError` on an unknown prompt, on a prompt that comes too often, on a
 * printed failure, and where the command does not end well. Where the signal ends it with a `TimeoutError`, that one says
 * where the command stopped.
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
    if (typeof rule.answer !== 'function') return rule.answer
    const match = matchOf(rule, line)
    return match === undefined ? '' : rule.answer(match, earlier)
  }

  const findRule = (line: string): DialogueRule | undefined =>
    dialogue.rules.find((rule) => matchOf(rule, line) !== undefined)

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

  /** The error of a command whose time is over, with the words that it stopped at: they may be a question without its mark. */
  function explainSilence(cause: unknown): unknown {
    const late: unknown = signal.reason
    const text = redact(silent, secrets)
    if (!(late instanceof TimeoutError) || text.trim() === '') return cause
    const line = lastLine(text).trim() || lineUnderMessages(text).trim()
    const where = line === '' ? `after “${lastWords(text)}”` : `at “${line}”`
    const question = `if that is a question, no rule answers it: ${explainPrompt(line, dialogue)}`
    const otherwise = late.hint === undefined ? '' : `; if it is none, ${late.hint}`
    const hint = line === '' ? late.hint : `${question}${otherwise}`
    return new TimeoutError(`${late.message}: it stopped ${where}`, {
      cause: late,
      ...(hint === undefined ? {} : { hint }),
    })
  }

  // What was said before nothing more came, if it was not answered.
  let silent = ''
  // Set while a prompt that somebody knows may still be being written.
  let isFresh = false
  try {
    for (;;) {
      const heard = await terminal.listen({ quiet: isFresh ? SETTLE : quiet, signal })
      silent = heard.news ? '' : heard.text
      if (heard.ended !== undefined) {
        checkFailures(heard)
        return finish(heard)
      }
      const lines = heard.news ? [lastLine(heard.text)] : stoppedAt(heard.text)
      const line = lines.find((one) => isWhole(one) && findRule(one) !== undefined) ?? lines[0] ?? ''
      const rule = isWhole(line) ? findRule(line) : undefined
      isFresh = rule !== undefined && heard.news
      if (isFresh) continue
      // “The password must have 8 characters” is advice before the question, and a refusal before the same one again.
      if (rule === undefined ? !heard.news : asked.has(rule)) checkFailures(heard)
      if (rule !== undefined) {
        const answer = answerOf(rule, line)
        if (answer instanceof Secret) secrets.add(answer)
        record(`${heard.text}${answer instanceof Secret ? MASK : answer}\n`)
        silent = ''
        await terminal.send(answer, { signal, hidden: rule.hidden })
      } else if (!heard.news && looksLikePrompt(line)) {
        throw fail(`${command} asked something that no rule answers: “${redact(line, secrets).trim()}”`, {
          hint: explainPrompt(redact(line, secrets), dialogue),
          heard: heard.text,
        })
      }
    }
  } catch (cause) {
    // Now: by the time that the command is interrupted, its time may be over, too.
    const told = explainSilence(cause)
    await terminal.interrupt().catch(() => undefined)
    throw told
  }
}

function matchOf({ prompt }: DialogueRule, line: string): RegExpExecArray | undefined {
  for (const pattern of prompt instanceof RegExp ? [prompt] : prompt) {
    pattern.lastIndex = 0
    const match = pattern.exec(line)
    if (match !== null) return match
  }
  return undefined
}

function lastWords(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
