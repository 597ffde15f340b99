import { once, setMaxListeners } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { connect } from 'node:net'

import { Server, utils, type Connection, type ServerChannel, type Session } from 'ssh2'

import type { HostKeys, KnownHostKey } from '../../../src/connect/host-keys.ts'
import { createSshGround, type SshGround } from '../../../src/connect/ssh/ground.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import type { Network } from '../../../src/model/network.ts'
import { documentedSecret, type Secret } from '../../../src/model/secret.ts'

/** What a test’s server does with a command. */
export type OnExec = (
  channel: ServerChannel,
  call: { command: string; pty: boolean; connection: Connection; socket: Socket },
) => void

export interface TestServer {
  readonly port: number
  readonly attempts: { method: string; password?: string }[]
  connections(): number
  close(): Promise<void>
}

export interface TestServerOptions {
  onExec?: OnExec
  onSession?: (session: Session) => void
  password?: string
  methods?: readonly string[]
  hostKey?: string
  /** Whether any key lets somebody in, where `publickey` is offered. */
  takesKeys?: boolean
  /** Milliseconds of wall time that it takes to start a command, as over a slow line. */
  slow?: number
}

/** A new host key. The library writes one in some hundreds in a form that it cannot read itself. */
export function newKey(): string {
  for (;;) {
    const { private: key } = utils.generateKeyPairSync('ed25519')
    if (!(utils.parseKey(key) instanceof Error)) return key
  }
}

/** Starts an SSH server on loopback that lets `zsroot` in. */
export async function startServer({
  onExec,
  onSession,
  password = 'right',
  methods = ['keyboard-interactive', 'password'],
  hostKey = newKey(),
  takesKeys = true,
  slow = 0,
}: TestServerOptions = {}): Promise<TestServer> {
  const attempts: TestServer['attempts'] = []
  const sockets = new Set<Socket>()
  const byConnection = new WeakMap<Connection, Socket>()
  let current: Socket | undefined
  let count = 0
  const ssh = new Server({ hostKeys: [hostKey] }, (connection) => {
    count += 1
    const socket = current as Socket
    byConnection.set(connection, socket)
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      if (context.method === 'keyboard-interactive' && methods.includes(context.method)) {
        context.prompt([{ prompt: 'Password for zsroot@vse:', echo: false }], (answers) => {
          attempts.push({ method: context.method, password: answers[0] ?? '' })
          if (answers[0] === password) context.accept()
          else context.reject([...methods] as never)
        })
      } else if (context.method === 'password' && methods.includes('password')) {
        attempts.push({ method: context.method, password: context.password })
        if (context.password === password) context.accept()
        else context.reject([...methods] as never)
      } else if (context.method === 'publickey' && methods.includes('publickey')) {
        attempts.push({ method: context.method })
        if (takesKeys) context.accept()
        else context.reject([...methods] as never)
      } else {
        context.reject([...methods] as never)
      }
    })
    connection.on('session', (accept) => {
      const session = accept()
      let pty = false
      session.on('pty', (acceptPty) => {
        pty = true
        acceptPty()
      })
      onSession?.(session)
      session.on('exec', (acceptExec, _reject, { command }) => {
        const start = (): void => {
          const channel = acceptExec()
          channel.on('error', () => undefined)
          channel.on('end', () => undefined)
          onExec?.(channel, { command, pty, connection, socket })
        }
        if (slow === 0) start()
        else setTimeout(start, slow)
      })
    })
  })
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    current = socket
    ssh.injectSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    attempts,
    connections: () => count,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Serves each command on a channel of its own. */
function answeringBy(print: (line: string, call: Parameters<OnExec>[1]) => Printed): OnExec {
  return (channel, call) => {
    channel.resume()
    const printed = print(call.command, call)
    if (printed === undefined) return
    channel.write(printed.stdout ?? '')
    channel.stderr.write(printed.stderr ?? '')
    channel.exit(printed.code ?? 0)
    channel.end()
  }
}

/** What a command printed and how it ended; nothing where it does not end. */
export type Printed =
  | { readonly stdout?: string; readonly stderr?: string; readonly code?: number }
  | undefined

/**
 * Serves the shell that stays: `print` says what becomes of each line that is run in it, the question for a watchdog
 * excepted. Every other command goes to `other`, which answers by `print`, too, where nothing else is said.
 */
export function servingShell(
  print: (line: string, call: Parameters<OnExec>[1]) => Printed,
  other: OnExec = answeringBy(print),
): OnExec {
  return (channel, call) => {
    if (call.command !== 'sh') return other(channel, call)
    let text = ''
    channel.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      for (;;) {
        const [all, line = '', mark = ''] =
          /^\{ ([^]*?); \} <\/dev\/null\necho "(@\w+:)\$\?;".*\n/.exec(text) ?? []
        if (all === undefined) return
        text = text.slice(all.length)
        const isProbe = line.startsWith('if timeout')
        const printed = isProbe ? { stdout: 'timeout-foreground\n' } : print(line, call)
        if (printed === undefined) continue
        channel.write(`${printed.stdout ?? ''}${mark}${printed.code ?? 0};\n`)
        channel.stderr.write(`${printed.stderr ?? ''}${mark};\n`)
      }
    })
    channel.on('end', () => {
      channel.exit(0)
      channel.end()
    })
  }
}

/** Runs nothing, as a server that is there for transfers only. */
export const noCommands: OnExec = (channel) => {
  channel.resume()
  channel.stderr.write('This account is for transfers only.\n')
  channel.exit(1)
  channel.end()
}

/** The world as it is: dials loopback. */
export const loopback: Network = {
  trusted: [],
  async dial({ host, port }, { signal }) {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect', { signal }).catch((cause: unknown) => {
      socket.destroy()
      throw cause
    })
    return socket
  },
}

export const clock = createLabClock(50)

export const forever = new AbortController().signal
// Dozens of calls wait under it at once.
setMaxListeners(0, forever)

export function memoryKeys(known?: KnownHostKey): HostKeys & { learned: KnownHostKey[] } {
  let current = known
  const learned: KnownHostKey[] = []
  return {
    learned,
    path: 'memory',
    isAwaited: () => false,
    forget: async () => {
      current = undefined
    },
    find: () => current,
    learn: async (_address, key) => {
      current = key
      learned.push(key)
    },
  }
}

/** What the connections of a test share; it waits on a fast clock. */
export function groundOf({
  hostKeys = memoryKeys(),
  knownHosts = [],
}: {
  readonly hostKeys?: HostKeys
  readonly knownHosts?: readonly string[]
} = {}): SshGround {
  return createSshGround({ network: loopback, clock, hostKeys, knownHosts })
}

export function secretOf(value: string): Secret {
  return documentedSecret(value)
}
