import type { CommandResult } from '../../model/command-result.ts'
import type { SshEndpoint } from '../../model/endpoint.ts'
import { ConnectError } from '../../model/error.ts'
import type { Terminal } from '../dialogue/terminal.ts'
import { createGate, type Gate } from './gate.ts'
import type { ConnectOptions, SshGround } from './ground.ts'
import { openSftp, watchClient } from './open-channel.ts'
import { openTerminal } from './open-terminal.ts'
import { renderBounded } from './remote-deadline.ts'
import { createRemoteShell, type Speech } from './remote-shell.ts'
import { runCommand, type ExecOptions, type RunTextOptions } from './run-command.ts'
import { TIMEOUTS } from './timeouts.ts'
import { uploadFile, type UploadFileOptions } from './transfer/upload-file.ts'
import { whereRoom } from './where-room.ts'

// sshd allows ten sessions on a connection by default. Eight are taken at most, one of them by the shell that stays; two
// are left to commands that were cancelled and do not end.
const COMMANDS = 5
const UPLOADS = 2

/** How a conversation is held. */
export interface ConverseOptions<T> {
  readonly signal: AbortSignal
  readonly seconds: number
  readonly use: (terminal: Terminal) => Promise<T>
}

/** One authenticated SSH connection. At most eight channels are open on it at once; more wait. */
export interface SshConnection {
  /** `SHA256:…` of the host key. */
  readonly fingerprint: string
  /** Whether the password let us in, and no key. */
  readonly byPassword: boolean
  /** Whether it can still be used. */
  isOpen(): boolean
  /** What the server runs; asked once. */
  speech(options: { readonly signal: AbortSignal }): Promise<Speech>
  /** Gives a command to the user’s log-in shell, whatever that is, without a terminal. */
  exec(command: string, options: ExecOptions): Promise<CommandResult>
  /**
   * Runs a text of `sh` without a terminal: in the shell that stays where it reads nothing and nobody listens, on a
   * channel of its own otherwise. Where there is no `sh`, it is given to the log-in shell as it is.
   */
  run(text: string, options: RunTextOptions): Promise<CommandResult>
  /** Runs a text of `sh` on a terminal for as long as `use` takes. */
  converse<T>(text: string, options: ConverseOptions<T>): Promise<T>
  /** Uploads a file and verifies it on the other side. */
  upload(file: string, options: UploadFileOptions): Promise<void>
  /** Says goodbye; resolves when the connection is closed. */
  close(): Promise<void>
}

function refuseSilence(reason: string): ConnectError {
  return new ConnectError('protocol', `the server runs no commands: ${reason}`, {
    hint: 'see ForceCommand in the configuration of its sshd, and the log-in shell of the user',
  })
}

/** Opens a connection. Throws `ConnectError`, or `AuthError` where what there is to log in with is refused. */
export async function openSsh(
  endpoint: SshEndpoint,
  { ground, ...options }: ConnectOptions & { readonly ground: SshGround },
): Promise<SshConnection> {
  const { clock } = ground
  const { client, fingerprint, byPassword } = await ground.connect(endpoint, options)
  const { channel: patience, leftovers } = { ...TIMEOUTS, ...options.timeouts }
  const live = watchClient(client, { patience, leftovers })
  const [commands, uploads] = [createGate(COMMANDS), createGate(UPLOADS)]
  const withRoom = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    whereRoom(work, { clock, signal, makeRoom: () => shell.makeRoom() })
  const shell = createRemoteShell(live, { withRoom })

  async function inside<T>(gate: Gate, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const leave = await gate.enter({ signal })
    try {
      return await work()
    } finally {
      leave()
    }
  }

  const exec: SshConnection['exec'] = (command, given) =>
    inside(commands, given.signal, () => withRoom(() => runCommand(live, command, given), given.signal))

  const run: SshConnection['run'] = async (text, { seconds, prefix = '', leaves = false, ...given }) => {
    const speech = await shell.learn(given)
    if (speech.kind === 'none') throw refuseSilence(speech.reason)
    if (speech.kind === 'bare') return exec(`${prefix}${text}`, given)
    const { watchdog } = speech
    // What the prefix reads is not the command’s: a `sudo` that does not ask must not leave it the password.
    const body = prefix === '' ? text : `{ ${text}; } </dev/null`
    const line = `${prefix}${renderBounded(body, { watchdog, seconds, leaves })}`
    const isPlain = prefix === '' && given.input === undefined && given.onOutput === undefined
    const staying = isPlain ? await shell.take(given) : undefined
    return staying === undefined ? exec(line, given) : staying.run(line, given)
  }

  return {
    fingerprint,
    byPassword,
    isOpen: () => live.isOpen(),
    speech: (given) => shell.learn(given),
    exec,
    run,
    async converse(text, { signal, seconds, use }) {
      const speech = await shell.learn({ signal })
      // Without a terminal some run nothing, such as one that first wants a new password.
      const watchdog = speech.kind === 'sh' ? speech.watchdog : 'shell'
      const line = speech.kind === 'bare' ? text : renderBounded(text, { watchdog, seconds, terminal: true })
      return inside(commands, signal, async () => {
        const terminal = await withRoom(() => openTerminal(live, line, { clock, signal }), signal)
        try {
          return await use(terminal)
        } finally {
          await terminal.interrupt()
        }
      })
    },
    upload: (file, given) =>
      inside(uploads, given.signal, async () => {
        const { signal } = given
        const channels = {
          speech: await shell.learn({ signal }),
          openSftp: () => withRoom(() => openSftp(live, { signal }), signal),
          run,
          isOpen: () => live.isOpen(),
        }
        return uploadFile(channels, file, given)
      }),
    async close() {
      if (!live.isOpen()) return
      await shell.close()
      client.end()
      // A dead peer acknowledges nothing: after two seconds the socket is dropped.
      const timer = setTimeout(() => client.destroy(), 2000)
      await live.closed
      clearTimeout(timer)
    },
  }
}
