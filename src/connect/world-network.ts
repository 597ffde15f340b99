import { once } from 'node:events'
import { connect } from 'node:net'

import { ConnectError, type ConnectFailure } from '../model/error.ts'
import type { Network } from '../model/network.ts'

/** Milliseconds that a TCP connection may take to come about. */
const PATIENCE = 15_000

const KINDS: Readonly<Record<string, ConnectFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ENOTFOUND: 'no-name',
  EAI_AGAIN: 'no-name',
}

const HINTS: Readonly<Partial<Record<ConnectFailure, string>>> = {
  refused: 'the machine is there, but nothing listens on that port: is the service running?',
  'no-route': 'is there a route from here, and is the machine on?',
  'no-name': 'check the name and the name server',
  timeout: 'is a firewall in between, and is the machine on?',
}

/** The real network, with no delay on its sockets. */
export const worldNetwork: Network = {
  trusted: [],
  async dial({ host, port }, { signal }) {
    const patience = AbortSignal.timeout(PATIENCE)
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    try {
      await once(socket, 'connect', { signal: AbortSignal.any([signal, patience]) })
      return socket
    } catch (cause) {
      socket.destroy()
      signal.throwIfAborted()
      throw explainDial(cause, { host, port, late: patience.aborted })
    }
  },
}

function explainDial(
  cause: unknown,
  { host, port, late }: { readonly host: string; readonly port: number; readonly late: boolean },
): ConnectError {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  const kind = late ? 'timeout' : (KINDS[code] ?? 'reset')
  const what = late ? `no answer in ${PATIENCE / 1000} s` : code
  const hint = HINTS[kind]
  return new ConnectError(kind, `${host}:${port} cannot be reached: ${what}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  })
}
