import { ACCOUNT, AUTH_LOG, type Appliance } from '../appliance.ts'
import { isPassword } from '../password.ts'
import type { Program } from '../shell/program.ts'
import { askPassword } from './new-password.ts'

/** How often sudo asks before it gives up, and for how long it then asks no more. */
const ATTEMPTS = 3
const SUDO_WINDOW_MS = 5 * 60_000

/** What was asked of sudo. */
interface SudoRequest {
  readonly argv: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly prompt: string
  readonly flags: string
}

function parseSudo(args: readonly string[]): SudoRequest | undefined {
  let flags = ''
  let prompt = 'Password:'
  let at = 0
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      at += 1
      break
    }
    if (!arg.startsWith('-') || arg === '-') break
    const letters = arg.slice(1)
    const takesValue = /[pu]$/.exec(letters)?.[0]
    if (!/^[SnkKviHEbspu]+$/.test(letters)) return undefined
    flags += letters
    if (takesValue === undefined) continue
    const value = args[++at]
    if (value === undefined || (takesValue === 'u' && value !== 'root')) return undefined
    if (takesValue === 'p') prompt = value
  }
  const env = new Map<string, string>()
  for (; at < args.length; at += 1) {
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(args[at] ?? '')
    if (assigned === null) break
    env.set(assigned[1] ?? '', assigned[2] ?? '')
  }
  return { argv: args.slice(at), env, prompt, flags }
}

/** The program that makes a user root, with the user's own password, and records every command. */
export function createSudo(appliance: Appliance): Program {
  const { state } = appliance

  return async (call) => {
    const { session, stderr } = call
    const request = parseSudo(call.args)
    if (request === undefined) {
      stderr.write('usage: sudo [-Snkv] [-p prompt] [-u user] [VAR=value] command\n')
      return 1
    }
    const { argv, flags, env } = request
    const isShell = argv.length === 0 && /[is]/.test(flags)
    if (/k/i.test(flags)) {
      session.sudoUntil = 0
      if (argv.length === 0) return 0
    }
    if (argv.length === 0 && !isShell && !flags.includes('v')) {
      stderr.write('usage: sudo [-Snkv] [-p prompt] [-u user] [VAR=value] command\n')
      return 1
    }
    const where = session.tty === undefined ? 'unknown' : session.tty.name
    const command = [...env]
      .map(([name, value]) => `${name}=${value}`)
      .concat(isShell ? ['/bin/sh'] : argv)
      .join(' ')
    const record = (problem: string): void =>
      appliance.log(
        AUTH_LOG,
        `sudo:   ${ACCOUNT} : ${problem}TTY=${where} ; PWD=${call.cwd} ; USER=root ; COMMAND=${command}`,
      )

    const isRemembered = appliance.dialect.sudo === 'window' && appliance.now() < session.sudoUntil
    const needsPassword = call.user !== 'root' && appliance.dialect.sudo !== 'never' && !isRemembered
    if (needsPassword) {
      if (flags.includes('n')) {
        stderr.write('sudo: a password is required\n')
        return 1
      }
      const fromInput = flags.includes('S')
      if (!fromInput && session.tty === undefined) {
        stderr.write('sudo: no tty present and no askpass program specified\n')
        return 1
      }
      const asker = {
        input: fromInput ? call.stdin : (session.tty ?? call.stdin),
        output: fromInput ? stderr : (session.tty ?? stderr),
        signal: call.signal,
      }
      let isRight = false
      for (let attempt = 1; attempt <= ATTEMPTS && !isRight; attempt += 1) {
        const password = await askPassword(request.prompt, asker)
        if (password === undefined) {
          stderr.write('\nsudo: no password was provided\n')
          record('no password was provided ; ')
          await appliance.save()
          return 1
        }
        isRight = await isPassword(password, state.password)
        if (!isRight && attempt < ATTEMPTS) asker.output.write('Sorry, try again.\n')
      }
      if (!isRight) {
        stderr.write(`sudo: ${ATTEMPTS} incorrect password attempts\n`)
        record(`${ATTEMPTS} incorrect password attempts ; `)
        await appliance.save()
        return 1
      }
    }
    // Without a terminal there is nothing to remember the password for.
    if (session.tty !== undefined) session.sudoUntil = appliance.now() + SUDO_WINDOW_MS
    record('')
    await appliance.save()
    const changes = { user: 'root', env: new Map([['USER', 'root'], ...env]) } as const
    if (isShell) return call.shell(undefined, changes)
    return argv.length === 0 ? 0 : call.run(argv, changes)
  }
}
