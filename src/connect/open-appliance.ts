import type { Clock } from '../model/clock.ts'
import type { ApplianceEndpoint } from '../model/endpoint.ts'
import { AuthError, ConnectError, TimeoutError } from '../model/error.ts'
import type { Network } from '../model/network.ts'
import type { Secret } from '../model/secret.ts'
import type { ApplianceReader, ApplianceWriter, SshWriter } from './appliance.ts'
import type { GlyphBook } from './console/glyph-book.ts'
import type { ConsolePort } from './console/port.ts'
import type { ConsoleSession } from './console/session.ts'
import type { Evidence } from './evidence.ts'
import type { HostKeys } from './host-keys.ts'
import { createShared } from './shared.ts'
import type { SshConnection } from './ssh/connection.ts'
import type { SshGround } from './ssh/ground.ts'

/** What is needed to reach an appliance. */
export interface ApplianceOptions {
  readonly network: Network
  readonly clock: Clock
  readonly hostKeys: HostKeys
  /** Opens the console of the appliance’s machine; throws `ConnectError` where there is no such machine. */
  readonly port: (options: { readonly signal: AbortSignal }) => Promise<ConsolePort>
  /** Shared by all appliances of a run. */
  readonly glyphs: GlyphBook
  readonly trace?: ((level: 1 | 2, text: string) => void) | undefined
  /** What all SSH connections of the run share; an appliance that is alone brings its own. */
  readonly ground?: (() => Promise<SshGround>) | undefined
  /** Keeps what is said to the appliance and seen of it; nothing is kept where absent. */
  readonly evidence?: Evidence | undefined
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
  const { network, clock, hostKeys, glyphs, evidence, trace = () => undefined } = options
  const { name, ssh, initialPassword } = endpoint
  const address = { host: ssh.host, port: ssh.port }
  async function openOwnGround(): Promise<SshGround> {
    const { createSshGround } = await import('./ssh/ground.ts')
    return createSshGround({ network, clock, hostKeys, knownHosts: [] })
  }

  const { ground: takeGround = openOwnGround } = options

  async function connect(signal: AbortSignal): Promise<Session> {
    const [{ openSsh }, { createSshSession }, ground] = await Promise.all([
      import('./ssh/connection.ts'),
      import('./ssh/session.ts'),
      takeGround(),
    ])
    const connection = await openSsh(ssh, { ground, policy: endpoint.hostKey, signal })
    return {
      connection,
      writer: createSshSession(connection, { name, password: ssh.password, trace, evidence }),
    }
  }

  /** The one connection; a new one where the old one was lost or never came about. */
  const session = createShared<Session>({
    open: ({ signal }) => connect(signal),
    isOpen: ({ connection }) => connection.isOpen(),
    close: ({ connection }) => connection.close(),
  })
  const openSession = async (use: { readonly signal: AbortSignal }): Promise<SshWriter> =>
    (await session.take(use)).writer

  async function openConsole(signal: AbortSignal): Promise<ConsoleSession> {
    const [{ createScreenReader }, { openConsoleSession }] = await Promise.all([
      import('./console/screen.ts'),
      import('./console/session.ts'),
    ])
    const port = await options.port({ signal })
    if (port.type === undefined) {
      throw new ConnectError('absent', `nothing may be typed on the console of ${name}`, {
        hint: 'in check mode a console is only looked at',
      })
    }
    const reader = createScreenReader(port, { book: glyphs, clock })
    const machine = { name, username: ssh.username, port, reader, book: glyphs, clock, evidence }
    return openConsoleSession(machine, {
      passwords: [ssh.password, initialPassword],
      late: (what) => new TimeoutError(`${what} on the console of ${name} took too long`),
    })
  }

  const console = createShared<ConsoleSession>({
    open: ({ signal }) => openConsole(signal),
    isOpen: () => true,
    close: (shown) => shown.close(),
  })

  /** Whether SSH lets somebody in with this password, on a connection of its own. */
  async function accepts(password: Secret, { signal }: { readonly signal: AbortSignal }): Promise<boolean> {
    const [{ openSsh }, ground] = await Promise.all([import('./ssh/connection.ts'), takeGround()])
    const policy = endpoint.hostKey
    // By this password and nothing else: a key would let in whoever has a wrong one.
    const alone = { ...ssh, password, ways: { ...ssh.ways, passwordOnly: true } }
    try {
      const connection = await openSsh(alone, { ground, policy, signal })
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
    isNew: () => hostKeys.isAwaited(address),
    expectedHostKey: () => hostKeys.find(address)?.fingerprint,
    accepts,
  }
  const reader: ApplianceReader = {
    ...common,
    async ssh({ signal }) {
      const opened = await openSession({ signal })
      return {
        fingerprint: opened.fingerprint,
        byPassword: opened.byPassword,
        query: (commands, given) => opened.query(commands, given),
      }
    },
    async console({ signal }) {
      const shown = await console.take({ signal })
      return {
        accepts: (passwords, given) => shown.accepts(passwords, given),
        query: (commands, given) => shown.query(commands, given),
      }
    },
  }
  const writer: ApplianceWriter = {
    ...common,
    ssh: openSession,
    console: (use) => console.take(use),
    announce: (fingerprint) => hostKeys.learn(address, { fingerprint, source: 'console' }),
  }

  return {
    reader,
    writer,
    async close() {
      await Promise.all([session.close(), console.close()])
    },
  }
}
