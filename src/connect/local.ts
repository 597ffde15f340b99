import { resolve } from 'node:path'

import type { CommandResult } from '../model/command-result.ts'
import { ConnectError, TimeoutError } from '../model/error.ts'
import { Secret } from '../model/secret.ts'
import { quote } from '../shell/quote.ts'
import { createOutputTail } from './output-tail.ts'

/** A program of this machine and what it gets. Arguments can be read by everybody on the machine: no secret in them. */
export interface LocalCommand {
  /** A name to look for on the path, or a path; relative ones begin at `cwd`. */
  readonly program: string
  readonly args: readonly string[]
  /** Default: the directory of this process. */
  readonly cwd?: string
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
  /** What the command reads; without it, its input is at its end at once. */
  readonly stdin?: string | Uint8Array | Secret
}

/** How long and how much a local command may take. */
export interface LocalOptions {
  readonly signal: AbortSignal
  /** Milliseconds of wall time; without it, as long as the signal allows. */
  readonly timeout?: number
  /** Bytes kept of each stream, the last ones. Default 1 MiB. */
  readonly keep?: number
  /** Milliseconds between asking a process to end and ending it by force. Default 2000. */
  readonly grace?: number
}

const DEFAULT_KEEP = 1024 * 1024
const DEFAULT_GRACE = 2000

const revealed = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value)

function environment(added: LocalCommand['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const [name, value] of Object.entries(added ?? {})) {
    if (value === undefined) delete env[name]
    else env[name] = revealed(value)
  }
  return env
}

/** Signals a process and everything it started; the process leads its own group. */
function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** An array that stays empty: zx keeps all output in what it is given, and ours is kept elsewhere, bounded. */
function createVoid(): (string | Buffer)[] {
  return Object.assign([], { push: () => 0 })
}

/**
 * Runs a program of this machine to its end, with its arguments exactly as given. Every exit code is a result, not an
 * error. Rejects with a `ConnectError` of kind `absent` where there is no such program or directory, with a
 * `TimeoutError`, and with the signal's reason; whatever the program started has ended by then, by force where it has to.
 */
export async function runLocal(command: LocalCommand, options: LocalOptions): Promise<CommandResult> {
  const { signal, timeout, keep = DEFAULT_KEEP, grace = DEFAULT_GRACE } = options
  signal.throwIfAborted()
  const { $, which } = await import('zx/core')
  signal.throwIfAborted()

  const cwd = resolve(command.cwd ?? '.')
  const env = environment(command.env)
  const wanted = command.program.includes('/') ? resolve(cwd, command.program) : command.program
  const program = await which(wanted, { nothrow: true, path: env['PATH'] ?? '' })
  if (program === null) {
    throw new ConnectError('absent', `there is no program ${command.program} on this machine`, {
      hint: 'install it, or put its directory into PATH',
    })
  }

  const stdout = createOutputTail(keep)
  const stderr = createOutputTail(keep)
  const running = $({
    cwd,
    env,
    shell: '/bin/sh',
    // The shell turns into the program, so that signals and the exit code are the program's.
    prefix: 'exec ',
    postfix: '',
    quote,
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
    preferLocal: false,
    stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    store: { stdout: createVoid(), stderr: createVoid(), stdall: createVoid() },
  })`${[program, ...command.args]}`
  const { child } = running
  let broken: Error | undefined
  child?.once('error', (error) => (broken = error))
  child?.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child?.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A program may end before it has read everything, or anything.
  child?.stdin?.on('error', () => undefined)
  if (command.stdin !== undefined) {
    child?.stdin?.end(command.stdin instanceof Secret ? command.stdin.reveal() : command.stdin)
  }

  let force: NodeJS.Timeout | undefined
  let late = false
  const stop = (): void => {
    endGroup(child?.pid, 'SIGTERM')
    force ??= setTimeout(() => {
      endGroup(child?.pid, 'SIGKILL')
      // Something that left the group may hold the pipes open for ever.
      child?.stdout?.destroy()
      child?.stderr?.destroy()
    }, grace)
  }
  signal.addEventListener('abort', stop, { once: true })
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          late = true
          stop()
        }, timeout)
  try {
    const ended = await running
    signal.throwIfAborted()
    if (late) {
      throw new TimeoutError(`${command.program} did not end within ${timeout} ms`, {
        hint: 'run it by hand to see what it waits for',
      })
    }
    const output = {
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated || stderr.truncated,
    }
    if (ended.signal !== null) return { kind: 'signalled', signal: ended.signal, ...output }
    if (broken === undefined && ended.exitCode !== null)
      return { kind: 'exited', code: ended.exitCode, ...output }
    throw new ConnectError('absent', `${command.program} could not be started in ${cwd}`, {
      hint: 'check that the directory exists and may be entered',
      cause: broken,
    })
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
    clearTimeout(force)
  }
}
