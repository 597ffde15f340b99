import type { Clock } from '../model/clock.ts'
import type { ApplianceEndpoint } from '../model/endpoint.ts'
import { AuthError, ConnectError, TimeoutError } from '../model/error.ts'
import type { Network } from '../model/network.ts'
import type { Secret } from '../model/secret.ts'
import type { ApplianceReader, ApplianceWriter, SshWriter } from './appliance.ts'
import type { CellSize } from './console/cells.ts'
import type { GlyphBook } from './console/glyph-book.ts'
import type { ConsolePort } from './console/port.ts'
import type { ConsoleSession } from './console/session.ts'
import type { HostKeys } from './host-keys.ts'
import type { SshConnection } from './ssh/connection.ts'

/** What is needed to reach an appliance. */
export interface ApplianceOptions {
  readonly network: Network
  readonly clock: Clock
  readonly hostKeys: HostKeys
  /** Opens the console of the appliance’s machine; throws `ConnectError` where there is no such machine. */
  readonly port: (options: { readonly signal: AbortSignal }) => Promise<ConsolePort>
  /** Shared by all appliances of a run. */
  readonly glyphs: GlyphBook
  /** The size of a character on the console. Default: 9 × 16 pixels, as in VGA text mode. */
  readonly cell?: CellSize
  readonly trace?: ((level: 1 | 2, text: string) => void) | undefined
}

/** An appliance that is connected to when it is first used, and at most once at a time over each way. */
export interface ApplianceConnection {
  /** Cannot write: it has no such functions. */
  readonly reader: ApplianceReader
  readonly writer: ApplianceWriter
  /** Logs out and closes everything. */
  close(): Promise<void>
}

interface Session {
  readonly connection: SshConnection
  readonly writer: SshWriter
}

/** Prepares the ways to an appliance; nothing is opened before it is used. */
export function openAppliance(endpoint: ApplianceEndpoint, options: ApplianceOptions): ApplianceConnection {
  const { network, clock, hostKeys, glyphs, trace = () => undefined } = options
  const { name, ssh, initialPassword } = endpoint
  const address = { host: ssh.host, port: ssh.port }
  let session: Promise<Session> | undefined
  let console: Promise<ConsoleSession> | undefined

  async function connect(signal: AbortSignal): Promise<Session> {
    const [{ openSsh }, { createSshSession }] = await Promise.all([
      import('./ssh/connection.ts'),
      import('./ssh/session.ts'),
    ])
    const connection = await openSsh(ssh, { network, clock, hostKeys, policy: endpoint.hostKey, signal })
    return { connection, writer: createSshSession(connection, { name, password: ssh.password, trace }) }
  }

  /** The one connection; a new one where the old one was lost or never came about. */
  async function openSession(signal: AbortSignal): Promise<SshWriter> {
    const earlier: Promise<Session | undefined> = session ?? Promise.resolve(undefined)
    session = earlier
      .catch(() => undefined)
      .then((current) => (current?.connection.isOpen() === true ? current : connect(signal)))
    return (await session).writer
  }

  async function openConsole(signal: AbortSignal): Promise<ConsoleSession> {
    const [{ VGA_CELL }, { createScreenReader }, { openConsoleSession }] = await Promise.all([
      import('./console/cells.ts'),
      import('./console/screen.ts'),
      import('./console/session.ts'),
    ])
    const port = await options.port({ signal })
    if (port.type === undefined) {
      throw new ConnectError('absent', `nothing may be typed on the console of ${name}`, {
        hint: 'in check mode a console is only looked at',
      })
    }
    const reader = createScreenReader(port, { book: glyphs, cell: options.cell ?? VGA_CELL, clock })
    const machine = { name, username: ssh.username, port, reader, book: glyphs, clock }
    return openConsoleSession(machine, {
      passwords: [ssh.password, initialPassword],
      late: (what) => new TimeoutError(`${what} on the console of ${name} took too long`),
    })
  }

  function useConsole({ signal }: { readonly signal: AbortSignal }): Promise<ConsoleSession> {
    console ??= openConsole(signal).catch((cause: unknown) => {
      console = undefined
      throw cause
    })
    return console
  }

  /** Whether SSH lets somebody in with this password, on a connection of its own. */
  async function accepts(password: Secret, { signal }: { readonly signal: AbortSignal }): Promise<boolean> {
    const { openSsh } = await import('./ssh/connection.ts')
    const policy = endpoint.hostKey
    try {
      const connection = await openSsh({ ...ssh, password }, { network, clock, hostKeys, policy, signal })
      await connection.close()
      return true
    } catch (cause) {
      if (cause instanceof AuthError) return false
      throw cause
    }
  }

  const common = {
    name,
    address,
    passwords: { wanted: ssh.password, initial: initialPassword },
    expectedHostKey: () => hostKeys.find(address)?.fingerprint,
    accepts,
  }
  const reader: ApplianceReader = {
    ...common,
    async ssh({ signal }) {
      const session = await openSession(signal)
      return {
        fingerprint: session.fingerprint,
        query: (commands, given) => session.query(commands, given),
      }
    },
    async console({ signal }) {
      const session = await useConsole({ signal })
      return {
        accepts: (passwords, given) => session.accepts(passwords, given),
        query: (commands, given) => session.query(commands, given),
      }
    },
  }
  const writer: ApplianceWriter = {
    ...common,
    ssh: ({ signal }) => openSession(signal),
    console: useConsole,
    announce: (fingerprint) => hostKeys.learn(address, { fingerprint, source: 'console' }),
  }

  return {
    reader,
    writer,
    async close() {
      const [open, shown] = await Promise.all([
        session?.catch(() => undefined),
        console?.catch(() => undefined),
      ])
      await Promise.all([open?.connection.close(), shown?.close()])
    },
  }
}
