import type { Disk, User } from '../disk/disk.ts'
import type { Programs, RunChanges, Session } from './program.ts'
import type { Streams } from './redirect.ts'

/** What every shell of a machine shares. */
export interface ShellHost {
  readonly disk: Disk
  readonly programs: () => Programs
  readonly hostname: () => string
  /** Puts what a command changed on the disk, before the next one can tell of it. */
  readonly settle: () => Promise<void>
}

/** How a shell runs what it is told; a program that starts a shell finds it here. */
export interface Interpreter {
  /** Runs a script to its end; gives its status. */
  readonly script: (source: string, shell: ShellState) => Promise<number>
  /** Talks to the terminal, or reads lines from its input, until the end. */
  readonly interactive: (shell: ShellState) => Promise<number>
}

/** A shell's standing: who, where, and what its variables are. */
export interface ShellState extends Streams {
  readonly host: ShellHost
  readonly interpreter: Interpreter
  readonly session: Session
  readonly user: User
  /** Whose grammar the commands are in. */
  readonly kind: 'sh' | 'csh'
  readonly signal: AbortSignal
  readonly env: Map<string, string>
  /** Who is told of what its programs leave running; nobody where absent. */
  readonly reap?: RunChanges['reap'] | undefined
  cwd: string
  status: number
  /** Set when the shell is to end. */
  exited: boolean
}
