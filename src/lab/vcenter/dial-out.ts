import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { ConnectError } from '../../model/error.ts'
import type { Address } from '../../model/network.ts'
import type { LabNetwork } from '../network.ts'

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Opens a connection from a server of the lab: to what listens in the lab, or on this machine's loopback, where somebody
 * who rehearses may serve an image. Nothing in the lab ever reaches farther.
 */
export async function dialOut(
  network: LabNetwork,
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<Socket> {
  if (network.isTaken(address) || !LOOPBACK.has(address.host)) return network.dial(address, { signal })
  const socket = connect({ host: address.host, port: address.port, noDelay: true })
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (cause) {
    socket.destroy()
    signal.throwIfAborted()
    throw new ConnectError('refused', `${address.host}:${address.port} refused the connection`, { cause })
  }
}
