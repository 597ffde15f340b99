import type { Server } from 'node:https'
import type { Socket } from 'node:net'

import type { Address } from '../../model/network.ts'
import type { Authority, Issued } from '../authority.ts'
import type { LabNetwork, Listener } from '../network.ts'
import { createHttp } from './http.ts'
import type { Door, World } from './model/world.ts'

/** What a door is made of. */
export interface DoorParts {
  readonly network: LabNetwork
  readonly authority: Authority
  /** The certificate that the server shows. */
  readonly issued: Issued
  /** What the certificate is for, the server's own name first. */
  readonly names: readonly string[]
}

/** A server's addresses. */
export interface ServerDoor extends Door {
  /** Answers at one more address. */
  listen(address: Address): Promise<void>
}

/** Makes the addresses of a server; it answers at none before `open`. */
export function createDoor(world: World, { network, authority, issued, names }: DoorParts): ServerDoor {
  const listeners: Listener[] = []
  const server = createHttp(world, issued)
  let stranger: Promise<Server> | undefined

  async function openStranger(): Promise<Server> {
    const [commonName = ''] = names
    return createHttp(world, await authority.impersonate({ commonName, names }))
  }

  function accept(socket: Socket): void {
    if (!world.faults.take('certificate')) return void server.emit('connection', socket)
    stranger ??= openStranger()
    stranger.then(
      (other) => void other.emit('connection', socket),
      () => void socket.destroy(),
    )
  }

  async function listen(address: Address): Promise<void> {
    listeners.push(await network.listen(address, accept))
  }

  return {
    listen,
    open: () => listen({ host: world.seed.host, port: world.seed.port }),
    async shut() {
      world.sessions.endAll()
      await Promise.all(listeners.splice(0).map((listener) => listener.close()))
    },
  }
}
