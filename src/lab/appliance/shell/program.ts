import type { User } from '../disk/disk.ts'
import type { Tty } from '../terminal/tty.ts'
import type { Input, Output } from './streams.ts'

/** Someone who is logged in, from the login to the end of the connection. */
export interface Session {
  readonly over: 'console' | 'ssh'
  /** The terminal; none for a command that was sent without one. */
  readonly tty: Tty | undefined
  /** Until when sudo asks no password again, by the guest's clock. */
  sudoUntil: number
  /** Cuts the connection the session came over; nothing on the console. */
  readonly disconnect: () => void
}

/** A running program: what it was called with, and what it is connected to. */
export interface Call {
  readonly name: string
  readonly args: readonly string[]
  readonly user: User
  readonly session: Session
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  /** Aborted by control-C, by the end of the session and by loss of power. */
  readonly signal: AbortSignal
  readonly cwd: string
  readonly env: ReadonlyMap<string, string>
  /** Runs another program in this one's place. */
  readonly run: (argv: readonly string[], changes?: RunChanges) => Promise<number>
  /** Runs a shell: a script, or line by line from the terminal. */
  readonly shell: (script: string | undefined, changes?: RunChanges) => Promise<number>
  /** Leaves something running that outlives the program, as a service does. */
  readonly leave: (left: Left) => void
}

/** What a program leaves running, for whoever means to end it together with the program. */
export interface Left {
  kill(): Promise<void>
}

/** What a program changes for another one that it runs. */
export interface RunChanges {
  readonly user?: User
  readonly env?: ReadonlyMap<string, string>
  /** Ends it before its time. */
  readonly signal?: AbortSignal
  /** Is told of all that it leaves running. */
  readonly reap?: (left: Left) => void
}

/** A program of the guest; gives its exit status. */
export type Program = (call: Call) => Promise<number>

/** Programs by name or absolute path. */
export type Programs = Readonly<Record<string, Program>>

/** What a command that was stopped from the keyboard leaves as its status. */
export const INTERRUPTED = 130
