import { afterEach, describe, expect, test } from 'vitest'

import { openSsh } from '../../../src/connect/ssh/connection.ts'
import type { SshTimeouts } from '../../../src/connect/ssh/timeouts.ts'
import { forever, groundOf, secretOf, startServer, type OnExec } from './server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function connected(onExec: OnExec, timeouts?: Partial<SshTimeouts>) {
  const server = await startServer({ onExec })
  closers.push(() => server.close())
  const connection = await openSsh(
    { host: '127.0.0.1', port: server.port, username: 'zsroot', password: secretOf('right') },
    { ground: groundOf(), policy: 'first-use', signal: forever, timeouts },
  )
  closers.push(() => connection.close())
  return connection
}

describe('running a command over SSH', () => {
  test('gives both streams and the exit code', async () => {
    const connection = await connected((channel) => {
      channel.write('out')
      channel.stderr.write('err')
      channel.exit(3)
      channel.end()
    })
    expect(await connection.exec('x', { signal: forever })).toEqual({
      kind: 'exited',
      code: 3,
      stdout: 'out',
      stderr: 'err',
      truncated: false,
    })
  })

  test('gives the command its input and then the end of it', async () => {
    const connection = await connected((channel) => {
      let read = ''
      channel.on('data', (chunk: Buffer) => (read += chunk.toString()))
      channel.on('end', () => {
        channel.write(`<${read}>`)
        channel.exit(0)
        channel.end()
      })
    })
    const result = await connection.exec('cat', { signal: forever, input: 'hello\n' })
    expect(result).toMatchObject({ kind: 'exited', code: 0, stdout: '<hello\n>' })
  })

  test('tells a signal from an exit', async () => {
    const connection = await connected((channel) => {
      channel.exit('KILL', false, '')
      channel.end()
    })
    expect(await connection.exec('x', { signal: forever })).toMatchObject({
      kind: 'signalled',
      signal: 'SIGKILL',
    })
  })

  test('calls a command lost whose connection breaks in the middle, and keeps what it printed', async () => {
    const connection = await connected((channel, { socket }) => {
      channel.write('half a li', () => setImmediate(() => socket.destroy()))
    })
    const result = await connection.exec('x', { signal: forever })
    expect(result).toMatchObject({ kind: 'lost', failure: 'closed' })
    expect(connection.isOpen()).toBe(false)
  })

  test('calls a command lost whose channel closes without an exit code', async () => {
    const connection = await connected((channel) => {
      channel.end('so long')
    })
    expect(await connection.exec('x', { signal: forever })).toMatchObject({ kind: 'lost', stdout: 'so long' })
    expect(connection.isOpen()).toBe(true)
  })

  test('ends with its exit where a service keeps its output open, after the last of what comes', async () => {
    const onExec: OnExec = (channel) => {
      channel.write('1')
      channel.exit(3)
      let said = 1
      const saying = setInterval(() => {
        said += 1
        channel.write(String(said))
        if (said === 5) clearInterval(saying)
      }, 200)
    }
    // Less than it goes on in all, more than it is silent.
    const connection = await connected(onExec, { leftovers: 0.6 })
    expect(await connection.exec('vzen start', { signal: forever })).toMatchObject({
      kind: 'exited',
      code: 3,
      stdout: '12345',
    })
  })

  test('keeps only the last bytes of output that never ends, and drains both streams', async () => {
    const connection = await connected((channel) => {
      const block = Buffer.alloc(64 * 1024, 'x')
      let left = 200
      const more = (): void => {
        if (left-- === 0) {
          channel.write('the end')
          channel.exit(0)
          channel.end()
          return
        }
        channel.stderr.write(block)
        channel.write(block, more)
      }
      more()
    })
    const result = await connection.exec('yes', { signal: forever, limit: 10_000 })
    expect(result).toMatchObject({ kind: 'exited', truncated: true })
    expect(result.stdout).toHaveLength(10_000)
    expect(result.stdout.endsWith('the end')).toBe(true)
    expect(result.stderr).toHaveLength(10_000)
  })

  test('stops waiting when the call is cancelled, and the connection stays usable', async () => {
    const connection = await connected((channel, { command }) => {
      if (command === 'quick') {
        channel.exit(0)
        channel.end()
      }
    })
    const control = new AbortController()
    const running = connection.exec('sleep', { signal: control.signal })
    setImmediate(() => control.abort(new Error('cancelled')))
    await expect(running).rejects.toThrow('cancelled')
    expect(await connection.exec('quick', { signal: forever })).toMatchObject({ code: 0 })
  })

  test('never has more than eight channels open', async () => {
    let open = 0
    let most = 0
    const connection = await connected((channel) => {
      open += 1
      most = Math.max(most, open)
      channel.resume()
      channel.on('close', () => (open -= 1))
      setImmediate(() => {
        channel.exit(0)
        channel.end()
      })
    })
    const results = await Promise.all(
      Array.from({ length: 40 }, () => connection.exec('x', { signal: forever })),
    )
    expect(results.every((result) => result.kind === 'exited')).toBe(true)
    expect(most).toBeLessThanOrEqual(8)
  })

  test('refuses a command on a connection that is gone', async () => {
    const connection = await connected(() => undefined)
    await connection.close()
    await expect(connection.exec('x', { signal: forever })).rejects.toMatchObject({ code: 'CONNECT' })
  })
})
