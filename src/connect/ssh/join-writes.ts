import type { Duplex } from 'node:stream'

/**
 * Lets a socket send what is written to it in one turn of the event loop as one piece. The library writes a packet in
 * three, and with no delay on the socket each would be a system call and a segment of its own: this is most of what an
 * SSH connection costs.
 */
export function joinWrites<S extends Duplex>(socket: S): S {
  const write = socket.write.bind(socket)
  let isCorked = false

  function cork(): void {
    if (isCorked) return
    isCorked = true
    socket.cork()
    process.nextTick(() => {
      isCorked = false
      socket.uncork()
    })
  }

  return Object.assign(socket, {
    write(...written: Parameters<Duplex['write']>): boolean {
      cork()
      return write(...written)
    },
  })
}
