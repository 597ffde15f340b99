import { CommandError } from '../../../../model/error.ts'
import type { Call } from '../../shell/program.ts'
import { WORDING } from '../../wording.ts'

/** Asks and waits for a line; the end of the input ends the command. */
export async function ask(call: Call, prompt: string, secret = false): Promise<string> {
  call.stdout.write(prompt)
  const answer = await call.stdin.readLine({ signal: call.signal, secret })
  if (answer === undefined) throw new CommandError('Aborted: end of input')
  return answer.trim()
}

/** A question for one value. */
export interface Question {
  readonly field: string
  readonly label: string
  /** What Enter keeps. */
  readonly current: string
  /** Why an answer is not accepted, as a line; none where it is. */
  readonly problem: (answer: string) => string | undefined
}

/** Asks for a value until it is a good one; Enter keeps the one in brackets. */
export async function askValue(call: Call, { field, label, current, problem }: Question): Promise<string> {
  for (;;) {
    const answer = (await ask(call, WORDING.value(field, { label, current }))) || current
    const refused = problem(answer)
    if (refused === undefined) return answer
    call.stdout.write(refused)
  }
}

/** A question for a choice. */
export interface Choice {
  readonly field: string
  readonly label: string
  readonly choices: readonly string[]
}

/** Asks for one of some words; Enter takes the last, the case does not matter. */
export async function askChoice(call: Call, { field, label, choices }: Choice): Promise<string> {
  const answer = await askValue(call, {
    field,
    label,
    current: choices.at(-1) ?? '',
    problem: (text) =>
      choices.some((choice) => choice.toLowerCase() === text.toLowerCase())
        ? undefined
        : WORDING.reenterChoice(choices),
  })
  return choices.find((choice) => choice.toLowerCase() === answer.toLowerCase()) ?? answer
}

/** Goes through a list: change, delete or keep each entry, then add more; at least one has to be left. */
export async function askList(
  call: Call,
  { field, label, entries, problem }: Omit<Question, 'current'> & { readonly entries: readonly string[] },
): Promise<readonly string[]> {
  const kept: string[] = []
  const entry = (current: string): Promise<string> => askValue(call, { field, label, current, problem })
  for (const value of entries) {
    for (;;) {
      const answer = (await ask(call, WORDING.listed(field, value))).toLowerCase()
      if (!['', 'c', 'd', 'n'].includes(answer)) {
        call.stdout.write(WORDING.reenterChoice(['c', 'd', 'n']))
        continue
      }
      if (answer === 'c') kept.push(await entry(''))
      else if (answer !== 'd') kept.push(value)
      break
    }
  }
  for (;;) {
    const answer = (await ask(call, WORDING.another(field))).toLowerCase()
    if (answer.startsWith('y')) kept.push(await entry(''))
    else if (answer !== '' && !answer.startsWith('n')) call.stdout.write(WORDING.reenterChoice(['y', 'n']))
    else if (kept.length > 0) return [...new Set(kept)]
    else call.stdout.write(WORDING.atLeastOne(field))
  }
}
