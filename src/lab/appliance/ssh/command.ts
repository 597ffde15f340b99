import type { Writable } from 'node:stream'

import type { ServerChannel, Session as SshSession } from 'ssh2'

import { AbortError } from '../../../model/error.ts'
import { ACCOUNT } from '../appliance.ts'
import { applyNewPassword } from '../programs/new-password.ts'
import { INTERRUPTED, type Session } from '../shell/program.ts'
import { createShell } from '../shell/shell.ts'
import { createPipe, type Output } from '../shell/streams.ts'
import { tellProcess } from '../shell/tell-process.ts'
import { createTty, type Tty } from '../terminal/tty.ts'
import { WORDING } from '../wording.ts'
import type { SshParts } from './parts.ts'

/** Bytes that may wait for a client that does not read; after that its command ends. */
const UNREAD_LIMIT = 8 * 2 ** 20

/** The status of a program that a fault in itself has ended. */
const SOFTWARE_FAILED = 70

/** What a channel's command runs with. */
export interface CommandParts extends SshParts {
  /** Cuts the whole connection. */
  readonly disconnect: () => void
  readonly nextTerminal: () => string
}

/** A channel's ends as the guest sees them, and what tells that the client has gone. */
interface Wires {
  readonly session: Session
  readonly stdin: ReturnType<typeof createPipe> | Tty
  readonly stdout: Output
  readonly stderr: Output
  readonly signal: AbortSignal
}

/** Connects a channel to a terminal or to pipes. */
function wire(
  channel: ServerChannel,
  { name, parts, interrupt }: { name: string | undefined; parts: CommandParts; interrupt: AbortController },
): Wires {
  const { disconnect } = parts
  const hangUp = new AbortController()
  channel.once('close', () => hangUp.abort(new AbortError('the connection was closed')))
  channel.on('error', () => hangUp.abort(new AbortError('the connection was lost')))
  const signal = AbortSignal.any([parts.signal, hangUp.signal, interrupt.signal])
  const to = (stream: Writable): Output => ({
    write: (text) => {
      if (hangUp.signal.aborted || text === '') return
      stream.write(Buffer.from(text, 'latin1'))
      if (stream.writableLength > UNREAD_LIMIT) hangUp.abort(new AbortError('the client reads nothing'))
    },
  })
  if (name !== undefined) {
    const tty = createTty({ name, send: (text) => to(channel).write(text) })
    tty.foreground(interrupt)
    channel.on('data', (chunk: Buffer) => tty.input(chunk.toString('latin1')))
    channel.on('end', () => tty.hangUp())
    const session: Session = { over: 'ssh', tty, sudoUntil: 0, disconnect }
    return { session, stdin: tty, stdout: tty, stderr: tty, signal }
  }
  const pipe = createPipe()
  channel.on('data', (chunk: Buffer) => {
    channel.pause()
    pipe.put(chunk.toString('latin1')).then(
      () => channel.resume(),
      () => channel.close(),
    )
  })
  channel.on('end', () => pipe.end())
  const session: Session = { over: 'ssh', tty: undefined, sudoUntil: 0, disconnect }
  return { session, stdin: pipe, stdout: to(channel), stderr: to(channel.stderr), signal }
}

async function run(
  command: string | undefined,
  { wires, parts }: { wires: Wires; parts: CommandParts },
): Promise<number> {
  const { appliance, host } = parts
  const { session, signal } = wires
  if (appliance.state.passwordExpired) {
    if (session.tty === undefined) {
      wires.stderr.write(WORDING.noTty)
      return 1
    }
    session.tty.write(WORDING.expired)
    return (await applyNewPassword(appliance, { input: session.tty, output: session.tty, signal })) ? 0 : 1
  }
  const shell = createShell({ ...wires, host, user: ACCOUNT, kind: appliance.dialect.shell })
  tellProcess([appliance.dialect.shell, ...(command === undefined ? [] : ['-c', command])])
  if (command !== undefined)
    return shell.interpreter.script(Buffer.from(command, 'utf8').toString('latin1'), shell)
  session.tty?.write(appliance.disk.read('/etc/motd', ACCOUNT))
  return shell.interpreter.interactive(shell)
}

/** Makes the connection break in the middle of a command: at its first word, or, where it says none, before its end. */
function sabotage(wires: Wires): Wires {
  const breaking = (): Output => ({ write: () => wires.session.disconnect() })
  return { ...wires, stdout: breaking(), stderr: breaking() }
}

/** Serves the shell or command that a client asks for on a session. */
export function serveCommand(session: SshSession, parts: CommandParts): void {
  let terminal: string | undefined
  const interrupt = new AbortController()

  async function serve(channel: ServerChannel, command: string | undefined): Promise<void> {
    let wires = wire(channel, { name: terminal, parts, interrupt })
    const isDropped = command !== undefined && parts.appliance.strikes('drop-in-command')
    if (isDropped) wires = sabotage(wires)
    let status: number
    try {
      status = await run(command, { wires, parts })
      await parts.host.settle()
    } catch (error) {
      status = INTERRUPTED
      if (!wires.signal.aborted) {
        wires.stderr.write(`sh: ${String(error)}\n`)
        status = SOFTWARE_FAILED
      }
    }
    if (isDropped) wires.session.disconnect()
    if (channel.destroyed) return
    channel.exit(status)
    channel.end()
  }

  session.on('pty', (accept) => {
    terminal = parts.nextTerminal()
    accept?.()
  })
  session.on('window-change', (accept) => accept?.())
  session.on('env', (accept) => accept?.())
  session.on('signal', (accept) => {
    accept?.()
    interrupt.abort(new AbortError('stopped by a signal'))
  })
  session.on('shell', (accept) => parts.track(serve(accept(), undefined)))
  session.on('exec', (accept, _, { command }) => parts.track(serve(accept(), command)))
}
