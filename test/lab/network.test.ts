import { once } from 'node:events'

import { afterEach, describe, expect, it } from 'vitest'

import { createLabNetwork } from '../../src/lab/network.ts'

const network = createLabNetwork({ trusted: [] })
const address = { host: '10.84.0.110', port: 22 }
const { signal } = new AbortController()

describe('the lab’s network', () => {
  afterEach(() => network.close())

  it('leads to whoever listens at an address of the inventory', async () => {
    await network.listen(address, (socket) => socket.end('hello'))
    const socket = await network.dial(address, { signal })
    const [data] = (await once(socket, 'data')) as [Buffer]
    expect(data.toString()).toBe('hello')
    socket.destroy()
  })

  it('has no route to an address where nobody listens', async () => {
    await expect(network.dial(address, { signal })).rejects.toMatchObject({
      code: 'CONNECT',
      kind: 'no-route',
    })
  })

  it('gives an address to one only, and frees it when its owner leaves', async () => {
    const listener = await network.listen(address, (socket) => socket.destroy())
    await expect(network.listen(address, (socket) => socket.destroy())).rejects.toMatchObject({
      kind: 'refused',
    })
    await listener.close()
    expect(network.isTaken(address)).toBe(false)
    await network.listen(address, (socket) => socket.destroy())
  })

  it('drops the connections of a listener that leaves', async () => {
    const listener = await network.listen(address, () => undefined)
    const socket = await network.dial(address, { signal })
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    await listener.close()
    expect(await closed).toBeDefined()
  })

  it('gives up when it is told to', async () => {
    await network.listen(address, () => undefined)
    await expect(network.dial(address, { signal: AbortSignal.abort() })).rejects.toThrowError()
  })
})
