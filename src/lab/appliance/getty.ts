import { ACCOUNT, AUTH_LOG, type Appliance } from './appliance.ts'
import { isPassword } from './password.ts'
import { applyNewPassword } from './programs/new-password.ts'
import type { Session } from './shell/program.ts'
import { createShell } from './shell/shell.ts'
import type { ShellHost } from './shell/state.ts'
import type { ReadOptions } from './shell/streams.ts'
import type { Tty } from './terminal/tty.ts'

/** What the console's login needs. */
export interface GettyParts {
  readonly tty: Tty
  readonly appliance: Appliance
  readonly host: ShellHost
  /** Aborted when the machine stops. */
  readonly signal: AbortSignal
}

const PROMPT = 'login: '

/** Asks for name and password until both are right; false when the user gives up. */
async function logIn({ tty, appliance }: GettyParts, signal: AbortSignal): Promise<boolean> {
  let asked: Pick<ReadOptions, 'getty'> = { getty: PROMPT }
  for (;;) {
    tty.write(PROMPT)
    const name = await tty.readLine({ signal, ...asked })
    if (name === undefined) return false
    if (name.trim() === '') continue
    tty.write('Password:')
    const password = await tty.readLine({ signal, secret: true })
    // Root is refused like a wrong password: only sudo makes one root.
    const isRight = password !== undefined && (await isPassword(password, appliance.state.password))
    const accepted = isRight && name.trim() === ACCOUNT
    if (!accepted) appliance.log(AUTH_LOG, `login: 1 LOGIN FAILURE ON ${tty.name}`)
    else appliance.log(AUTH_LOG, `login: login on ${tty.name} as ${ACCOUNT}`)
    await appliance.save()
    if (accepted) return true
    tty.write('Login incorrect\n')
    // From now on it is login that asks, for which the terminal edits the line.
    asked = {}
  }
}

/** One user's stay at the console, from the login prompt to the logout. */
async function serveUser(parts: GettyParts, signal: AbortSignal): Promise<void> {
  const { tty, appliance, host } = parts
  if (!(await logIn(parts, signal))) return
  const { state, disk } = appliance
  if (state.passwordExpired && !(await applyNewPassword(appliance, { input: tty, output: tty, signal })))
    return
  tty.write(disk.read('/etc/motd', ACCOUNT))
  const session: Session = { over: 'console', tty, sudoUntil: 0, disconnect: () => undefined }
  const streams = { stdin: tty, stdout: tty, stderr: tty }
  const shell = createShell({
    ...streams,
    host,
    session,
    user: ACCOUNT,
    kind: appliance.dialect.shell,
    signal: parts.signal,
  })
  await shell.interpreter.interactive(shell)
}

/** Serves the console until the machine stops; rejects with the signal's reason then. */
export async function runGetty(parts: GettyParts): Promise<never> {
  const { tty, appliance, signal } = parts
  tty.flush()
  let isInterrupted = false
  for (;;) {
    if (!isInterrupted) tty.write(`\nFreeBSD/amd64 (${appliance.hostname()}) (${tty.name})\n\n`)
    const interrupt = new AbortController()
    tty.foreground(interrupt)
    try {
      await serveUser(parts, AbortSignal.any([signal, interrupt.signal]))
      isInterrupted = false
    } catch (error) {
      signal.throwIfAborted()
      if (!interrupt.signal.aborted) throw error
      isInterrupted = true
    }
  }
}
