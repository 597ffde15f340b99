import { once } from 'node:events'
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** The monitor of a virtual machine. */
export interface Monitor {
  /** Has a command executed; rejects with what the monitor says against it. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>
  close(): void
}

interface Reply {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

async function connect(path: string, signal: AbortSignal) {
  for (;;) {
    const socket = createConnection(path)
    try {
      await once(socket, 'connect', { signal })
      return socket
    } catch (cause) {
      socket.destroy()
      signal.throwIfAborted()
      if (!(cause instanceof Error && 'code' in cause)) throw cause
      // It appears a moment after the program has started.
      await sleep(20, undefined, { signal })
    }
  }
}

/** Opens the monitor at a socket: one JSON a line, one command at a time. */
export async function openMonitor(path: string, signal: AbortSignal): Promise<Monitor> {
  const socket = await connect(path, signal)
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  let turn: Promise<unknown> = Promise.resolve()

  async function readReply(): Promise<unknown> {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the virtual machine ended')
      const reply = JSON.parse(value) as Reply
      if (reply.error !== undefined) throw new Error(reply.error.desc)
      if ('return' in reply) return reply.return
    }
  }

  const execute: Monitor['execute'] = (command, args = {}) => {
    const mine = turn.then(() => {
      socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
      return readReply()
    })
    turn = mine.catch(() => undefined)
    return mine
  }
  await execute('qmp_capabilities')
  return { execute, close: () => socket.destroy() }
}
