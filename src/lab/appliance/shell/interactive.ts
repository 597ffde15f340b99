import { CommandError } from '../../../model/error.ts'
import { resolvePath } from '../disk/disk.ts'
import { findCshProblem } from './csh.ts'
import { INCOMPLETE } from './lexer.ts'
import { INTERRUPTED } from './program.ts'
import type { ShellState } from './state.ts'
import { runSteps } from './steps.ts'
import { parseScript } from './syntax.ts'

function promptOf({ user, cwd, host, env, kind }: ShellState): string {
  const home = resolvePath(env.get('HOME') ?? '/')
  const here = resolvePath(cwd)
  const shown = here === home || here.startsWith(`${home}/`) ? `~${here.slice(home.length)}` : here
  const usual = kind === 'csh' ? '%' : '$'
  return `[${user}@${host.hostname().split('.')[0] ?? ''} ${shown}]${user === 'root' ? '#' : usual} `
}

/** Talks to the terminal until `exit`, control-D or its end. */
export async function runInteractive(shell: ShellState): Promise<number> {
  const { tty } = shell.session
  const isAsked = tty !== undefined && shell.stdin === tty
  let pending = ''
  while (!shell.exited) {
    const interrupt = new AbortController()
    const signal = AbortSignal.any([shell.signal, interrupt.signal])
    const outer = tty?.foreground(interrupt)
    try {
      if (isAsked) shell.stdout.write(pending === '' ? promptOf(shell) : '> ')
      const line = await shell.stdin.readLine({ signal })
      if (line === undefined) {
        if (isAsked) shell.stdout.write('exit\n')
        break
      }
      const refused = shell.kind === 'csh' ? findCshProblem(line) : undefined
      if (refused !== undefined) throw new CommandError(refused)
      pending = pending === '' ? line : `${pending}\n${line}`
      const script = parseScript(pending)
      if (script === INCOMPLETE) continue
      pending = ''
      const inner: ShellState = { ...shell, signal }
      await runSteps(script, inner)
      Object.assign(shell, { status: inner.status, exited: inner.exited, cwd: inner.cwd })
    } catch (error) {
      pending = ''
      if (error instanceof CommandError) {
        shell.stderr.write(shell.kind === 'csh' ? `${error.message}\n` : `sh: ${error.message}\n`)
        shell.status = 2
      } else if (interrupt.signal.aborted && !shell.signal.aborted) shell.status = INTERRUPTED
      else throw error
    } finally {
      tty?.foreground(outer)
    }
  }
  return shell.status
}
