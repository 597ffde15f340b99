import type { User } from '../disk/disk.ts'
import { runInteractive } from './interactive.ts'
import type { Streams } from './redirect.ts'
import { runScript } from './script.ts'
import type { ShellState } from './state.ts'

const HOMES: Readonly<Record<User, string>> = { zsroot: '/home/zsroot', root: '/root' }

/** What a new shell needs to know. */
export type ShellStart = Streams &
  Pick<ShellState, 'host' | 'session' | 'user' | 'signal'> & {
    readonly env?: ReadonlyMap<string, string>
    readonly cwd?: string
    readonly kind?: 'sh' | 'csh'
  }

/** A shell that has run nothing yet, in its user's home. */
export function createShell({ env, cwd, kind = 'sh', ...start }: ShellStart): ShellState {
  const home = HOMES[start.user]
  return {
    ...start,
    kind,
    env: new Map([
      ['HOME', home],
      ['USER', start.user],
      ['PATH', '/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/sc/update'],
      ...(env ?? []),
    ]),
    cwd: cwd ?? home,
    interpreter: { script: runScript, interactive: runInteractive },
    status: 0,
    exited: false,
  }
}
