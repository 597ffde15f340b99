import { AuthError, CommandError } from '../../model/error.ts'
import type { Secret } from '../../model/secret.ts'
import { lastLine, lineUnderMessages, withoutMessages } from '../dialogue/stopped-at.ts'
import type { Terminal } from '../dialogue/terminal.ts'
import type { ConsoleMachine } from './machine.ts'
import {
  LOGIN,
  NEW_PASSWORD,
  NEW_REFUSED,
  OLD_PASSWORD,
  PASSWORD,
  REFUSED,
  RETYPE_PASSWORD,
  SHELL,
} from './prompts.ts'
import { reachLogin } from './reach-login.ts'
import { createConsoleTerminal } from './terminal.ts'
import { checkTypable } from './type-secret.ts'
import { withPicture } from './with-picture.ts'

/** Where a log-in ended: in a shell, at the demand for a new password, or back at the prompt. */
export type LogInEnd = 'shell' | 'new-password' | 'refused'

const QUIET = 3000
// Milliseconds of wall time: a laboratory's machine may be as slow as the computer it runs on.
const PATIENCE = 90_000

/** Waits until the line the machine stopped at matches one of the patterns, and says which. */
async function waitForPrompt<K extends string>(
  terminal: Terminal,
  patterns: Readonly<Record<K, RegExp>>,
  { machine, signal }: { readonly machine: ConsoleMachine; readonly signal: AbortSignal },
): Promise<{ readonly at: K; readonly text: string }> {
  const { name } = machine
  let line = ''
  for (let since = performance.now(); performance.now() - since < PATIENCE;) {
    const { text, news } = await terminal.listen({ quiet: QUIET, signal })
    line = lastLine(text)
    // Nothing is said twice: a prompt that a message was written behind stays above it.
    for (const prompt of news ? [line] : [line, lineUnderMessages(text)])
      for (const at in patterns) if (patterns[at].test(prompt)) return { at, text }
    if (news) since = performance.now()
  }
  throw await withPicture(machine, {
    message: `the console of ${name} stopped at “${line.trim()}”`,
    hint: `\`runbook console ${name}\` shows it`,
  })
}

/** Logs in with one password, from the log-in prompt on. */
export async function logIn(
  machine: ConsoleMachine,
  password: Secret,
  signal: AbortSignal,
): Promise<LogInEnd> {
  const { username } = machine
  await reachLogin(machine, signal)
  const terminal = createConsoleTerminal(machine, { title: 'log-in on the console' })
  await terminal.send(username, { signal })
  await waitForPrompt(terminal, { password: PASSWORD }, { machine, signal })
  await terminal.send(password, { signal })
  const end = await waitForPrompt(
    terminal,
    { again: LOGIN, password: PASSWORD, new: NEW_PASSWORD, old: OLD_PASSWORD, shell: SHELL },
    { machine, signal },
  )
  machine.evidence?.said(`${end.text}\n`)
  if (REFUSED.test(withoutMessages(end.text))) return 'refused'
  if (end.at === 'shell') return 'shell'
  return end.at === 'new' || end.at === 'old' ? 'new-password' : 'refused'
}

/** Gives the machine the new password it asks for, wherever in asking it is, until it lets the user in or out. */
export async function answerNewPassword(
  machine: ConsoleMachine,
  { current, wanted, start }: { readonly current: Secret; readonly wanted: Secret; readonly start?: string },
  signal: AbortSignal,
): Promise<'shell' | 'login'> {
  const { name } = machine
  // Known before it is typed once, and then not the second time.
  checkTypable(wanted.reveal(), machine)
  const terminal = createConsoleTerminal(machine, { title: 'a new password on the console' })
  if (start !== undefined) await terminal.send(start, { signal })
  const patterns = {
    old: OLD_PASSWORD,
    retype: RETYPE_PASSWORD,
    new: NEW_PASSWORD,
    login: LOGIN,
    shell: SHELL,
  }
  for (let answers = 0; answers < 6; answers++) {
    const { at, text } = await waitForPrompt(terminal, patterns, { machine, signal })
    const isRefused = NEW_REFUSED.test(withoutMessages(text))
    if (isRefused || at === 'login' || at === 'shell') machine.evidence?.said(`${text}\n`)
    if (isRefused) break
    if (at === 'login' || at === 'shell') return at
    await terminal.send(at === 'old' ? current : wanted, { signal })
  }
  await terminal.interrupt()
  throw new CommandError(`${name} refused the new password`, {
    hint: 'choose a longer one: 24 characters of three classes, or 16 of all four',
  })
}

/** The error of a console that accepts none of the passwords there are. */
export function explainRefusal(name: string): AuthError {
  return new AuthError(`the console of ${name} accepts neither the wanted nor the initial password`, {
    hint: 'set the password by hand, or name the current one in the inventory',
  })
}

/** The error of a machine that lets somebody in only to demand another password. */
export function explainDemand(name: string): AuthError {
  return new AuthError(`${name} demands a new password before anything else`, {
    hint: 'a fresh one gets it from the step that changes the password; where it has expired, set a new one on the console by hand and write it into the inventory',
  })
}
