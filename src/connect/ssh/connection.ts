import type { Clock } from '../../model/clock.ts'
import type { CommandResult } from '../../model/command-result.ts'
import type { SshEndpoint } from '../../model/endpoint.ts'
import type { Terminal } from '../dialogue/terminal.ts'
import { createGate, type Gate } from './gate.ts'
import { openClient, type OpenOptions } from './open-client.ts'
import { openTerminal } from './open-terminal.ts'
import { runCommand, type ExecOptions } from './run-command.ts'
import { openSftp, uploadFile, type UploadFileOptions } from './upload-file.ts'
import { whereRoom } from './where-room.ts'

// sshd allows ten sessions on a connection by default. Eight are taken at most: an upload runs a command beside its own,
// and two are left to commands that were cancelled and do not end.
const COMMANDS = 6
const UPLOADS = 2

/** One authenticated SSH connection. At most eight channels are open on it at once; more wait. */
export interface SshConnection {
  /** `SHA256:…` of the host key. */
  readonly fingerprint: string
  /** Whether it can still be used. */
  isOpen(): boolean
  /** Runs a command without a terminal. */
  exec(command: string, options: ExecOptions): Promise<CommandResult>
  /** Runs a command on a terminal for as long as `use` takes. */
  converse<T>(
    command: string,
    options: { readonly signal: AbortSignal; readonly use: (terminal: Terminal) => Promise<T> },
  ): Promise<T>
  /** Uploads a file and verifies it on the other side. */
  upload(file: string, options: UploadFileOptions): Promise<void>
  /** Says goodbye; resolves when the connection is closed. */
  close(): Promise<void>
}

/** Opens a connection. Throws `ConnectError`, or `AuthError` where the password is refused; tries nothing twice. */
export async function openSsh(
  endpoint: SshEndpoint,
  { clock, ...options }: OpenOptions & { readonly clock: Clock },
): Promise<SshConnection> {
  const { client, fingerprint } = await openClient(endpoint, options)
  const [commands, uploads] = [createGate(COMMANDS), createGate(UPLOADS)]
  let open = true
  const closed = new Promise<void>((resolve) => {
    client.once('close', () => {
      open = false
      resolve()
    })
  })

  async function inside<T>(gate: Gate, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const leave = await gate.enter({ signal })
    try {
      return await work()
    } finally {
      leave()
    }
  }

  const exec: SshConnection['exec'] = (command, given) =>
    inside(commands, given.signal, () =>
      whereRoom(() => runCommand(client, command, given), { clock, signal: given.signal }),
    )

  return {
    fingerprint,
    isOpen: () => open,
    exec,
    converse: (command, { signal, use }) =>
      inside(commands, signal, async () => {
        const begin = () => openTerminal(client, command, { clock, signal })
        const terminal = await whereRoom(begin, { clock, signal })
        try {
          return await use(terminal)
        } finally {
          await terminal.interrupt()
        }
      }),
    upload: (file, given) =>
      inside(uploads, given.signal, () => {
        const { signal } = given
        const channels = {
          openSftp: () => whereRoom(() => openSftp(client, { signal }), { clock, signal }),
          run: (command: string) => exec(command, { signal }),
        }
        return uploadFile(channels, file, given)
      }),
    async close() {
      if (!open) return
      client.end()
      // A dead peer acknowledges nothing: after two seconds the socket is dropped.
      const timer = setTimeout(() => client.destroy(), 2000)
      await closed
      clearTimeout(timer)
    },
  }
}
