import { CommandError } from '../../../../model/error.ts'
import { WORDING, type Subject, type Wording } from '../../wording.ts'
import type { SubcommandCall } from './subcommand.ts'

const wordsOf = ({ appliance }: SubcommandCall): Wording => appliance.wording

/** Asks and waits for a line; the end of the input ends the command. */
export async function ask(call: SubcommandCall, prompt: string, secret = false): Promise<string> {
  call.stdout.write(prompt)
  const answer = await call.stdin.readLine({ signal: call.signal, secret })
  if (answer === undefined) throw new CommandError('Aborted: end of input')
  return answer.trim()
}

/** Asks whether, until the answer is yes or no; Enter means the usual one. */
export async function askWhether(
  call: SubcommandCall,
  question: string,
  usual: 'yes' | 'no',
): Promise<boolean> {
  for (;;) {
    const answer = (await ask(call, wordsOf(call).whether(question, usual))).toLowerCase() || usual
    if (/^y(?:es)?$/.test(answer)) return true
    if (/^no?$/.test(answer)) return false
    call.stdout.write(WORDING.reenterChoice(['y', 'n']))
  }
}

/** A question for one value. */
export interface Question {
  readonly subject: Subject
  /** What Enter keeps. */
  readonly current: string
  /** Why an answer is not accepted, as a line; none where it is. */
  readonly problem: (answer: string) => string | undefined
}

/** Asks for a value until it is a good one; Enter keeps the one that stands there. */
export async function askValue(
  call: SubcommandCall,
  { subject, current, problem }: Question,
): Promise<string> {
  for (;;) {
    const answer = (await ask(call, wordsOf(call).value(subject, current))) || current
    const refused = problem(answer)
    if (refused === undefined) return answer
    call.stdout.write(refused)
  }
}

/** A question for a choice. */
export interface Choice<T extends string> {
  readonly subject: Subject
  readonly choices: readonly T[]
}

/** Asks for one of some words; Enter takes the last, the case does not matter. */
export async function askChoice<const T extends string>(
  call: SubcommandCall,
  { subject, choices }: Choice<T>,
): Promise<T> {
  const named = (text: string): T | undefined =>
    choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
  for (;;) {
    const answer = await askValue(call, {
      subject,
      current: choices.at(-1) ?? '',
      problem: (text) => (named(text) === undefined ? WORDING.reenterChoice(choices) : undefined),
    })
    const chosen = named(answer)
    if (chosen !== undefined) return chosen
  }
}

/** Goes through a list: change, delete or keep each entry, then add more; at least one has to be left. */
export async function askList(
  call: SubcommandCall,
  { subject, entries, problem }: Omit<Question, 'current'> & { readonly entries: readonly string[] },
): Promise<readonly string[]> {
  const { listed, another, keep, change, remove } = wordsOf(call)
  const kept: string[] = []
  const entry = (current: string): Promise<string> => askValue(call, { subject, current, problem })
  for (const value of entries) {
    for (;;) {
      const answer = (await ask(call, listed(subject, value))).toLowerCase()
      if (!['', keep, change, remove].includes(answer)) {
        call.stdout.write(WORDING.reenterChoice([keep, change, remove]))
        continue
      }
      if (answer === change) kept.push(await entry(''))
      else if (answer !== remove) kept.push(value)
      break
    }
  }
  for (;;) {
    const answer = (await ask(call, another(subject))).toLowerCase()
    if (answer.startsWith('y')) kept.push(await entry(''))
    else if (answer !== '' && !answer.startsWith('n')) call.stdout.write(WORDING.reenterChoice(['y', 'n']))
    else if (kept.length > 0) return [...new Set(kept)]
    else call.stdout.write(WORDING.atLeastOne(subject.field))
  }
}
