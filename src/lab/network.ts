import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { ConnectError } from '../model/error.ts'
import type { Address, Network } from '../model/network.ts'

/** Something in the lab that listens at an address of the inventory's. */
export interface Listener {
  close(): Promise<void>
}

/**
 * The lab's network: real TCP over loopback, under the addresses the inventory writes. A service listens at
 * `10.84.0.110:22`; whoever dials that address through this network gets a socket to it.
 */
export interface LabNetwork extends Network {
  /** Listens at an address. `accept` owns the socket. Throws where the address is taken. */
  listen(address: Address, accept: (socket: Socket) => void): Promise<Listener>
  /** Whether something listens there; what a `ping` in the lab asks. */
  isTaken(address: Address): boolean
  close(): Promise<void>
}

const keyOf = ({ host, port }: Address): string => `${host.toLowerCase()}:${port}`

/** Makes an empty network whose services are trusted through `trusted` (PEM certificates). */
export function createLabNetwork({ trusted }: { readonly trusted: readonly string[] }): LabNetwork {
  const ports = new Map<string, number>()
  const listeners = new Set<Listener>()

  return {
    trusted,
    isTaken: (address) => ports.has(keyOf(address)),

    async listen(address, accept) {
      const key = keyOf(address)
      if (ports.has(key)) throw new ConnectError('refused', `the address ${key} is already in use in the lab`)
      const open = new Set<Socket>()
      const server = createServer({ noDelay: true }, (socket) => {
        open.add(socket)
        socket.once('close', () => open.delete(socket))
        socket.on('error', () => socket.destroy())
        accept(socket)
      })
      ports.set(key, 0)
      server.listen({ host: '127.0.0.1', port: 0 })
      await once(server, 'listening')
      ports.set(key, (server.address() as AddressInfo).port)
      const listener: Listener = {
        async close() {
          if (!listeners.delete(listener)) return
          ports.delete(key)
          for (const socket of open) socket.destroy()
          server.close()
          await once(server, 'close')
        },
      }
      listeners.add(listener)
      return listener
    },

    async dial(address, { signal }) {
      const port = ports.get(keyOf(address))
      if (port === undefined || port === 0) {
        throw new ConnectError('no-route', `no route to ${address.host}:${address.port}`, {
          hint: 'nothing listens there in the lab; `runbook lab status` shows what does',
        })
      }
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      await once(socket, 'connect', { signal }).catch((cause: unknown) => {
        socket.destroy()
        signal.throwIfAborted()
        throw new ConnectError('refused', `${address.host}:${address.port} refused the connection`, { cause })
      })
      return socket
    },

    async close() {
      await Promise.all([...listeners].map((listener) => listener.close()))
    },
  }
}
