import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from 'ssh2'
import ssh2 from 'ssh2'
import { afterEach, describe, expect, test } from 'vitest'

import { openSsh } from '../../../src/connect/ssh/connection.ts'
import { forever, groundOf, noCommands, secretOf, startServer } from './server.ts'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

type Fault = 'corrupt' | 'short' | 'refuse-open' | 'full' | 'drop' | 'no-rename-extension' | 'silent'

/** A disk behind SFTP that can be unreliable. */
function diskOf(fault?: Fault) {
  const files = new Map<string, Buffer>()
  const onSession = (session: Session): void => {
    session.on('sftp', (accept) => {
      const sftp = accept()
      const handles = new Map<string, string>()
      let writes = 0
      sftp.on('OPEN', (id, path, flags) => {
        if (fault === 'silent') return
        if (fault === 'refuse-open') {
          sftp.status(id, STATUS_CODE.PERMISSION_DENIED)
          return
        }
        if (flags & OPEN_MODE.TRUNC) files.set(path, Buffer.alloc(0))
        const handle = Buffer.from([handles.size])
        handles.set(handle.toString('hex'), path)
        sftp.handle(id, handle)
      })
      sftp.on('WRITE', (...[id, handle, offset, data]) => {
        const path = handles.get(handle.toString('hex')) ?? ''
        writes += 1
        if ((fault === 'drop' || fault === 'full') && writes === 2) {
          if (fault === 'drop') sftp.end()
          else sftp.status(id, STATUS_CODE.FAILURE)
          return
        }
        const before = files.get(path) ?? Buffer.alloc(0)
        const after = Buffer.alloc(Math.max(before.length, offset + data.length))
        before.copy(after)
        data.copy(after, offset)
        if (fault === 'corrupt' && offset === 0) after[0] = (after[0] ?? 0) ^ 1
        files.set(path, fault === 'short' ? after.subarray(0, 10) : after)
        sftp.status(id, STATUS_CODE.OK)
      })
      sftp.on('READ', (...[id, handle, offset, length]) => {
        const content = files.get(handles.get(handle.toString('hex')) ?? '') ?? Buffer.alloc(0)
        if (offset >= content.length) sftp.status(id, STATUS_CODE.EOF)
        else sftp.data(id, content.subarray(offset, offset + length))
      })
      const ok = (id: number): void => sftp.status(id, STATUS_CODE.OK)
      sftp.on('CLOSE', ok)
      sftp.on('FSETSTAT', ok)
      sftp.on('SETSTAT', ok)
      sftp.on('STAT', (id, path) => {
        const size = files.get(path)?.length
        if (size === undefined) sftp.status(id, STATUS_CODE.NO_SUCH_FILE)
        else sftp.attrs(id, { size, mode: 0o600, uid: 0, gid: 0, atime: 0, mtime: 0 })
      })
      sftp.on('REMOVE', (id, path) => {
        sftp.status(id, files.delete(path) ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE)
      })
      const move = (id: number, from: string, to: string): void => {
        const content = files.get(from)
        if (content === undefined || (fault === 'no-rename-extension' && files.has(to))) {
          sftp.status(id, STATUS_CODE.FAILURE)
          return
        }
        files.set(to, content)
        files.delete(from)
        sftp.status(id, STATUS_CODE.OK)
      }
      sftp.on('RENAME', move)
      // What newer protocols call posix-rename arrives as an extended request, which this server does not know.
    })
  }
  return { files, onSession, onExec: noCommands }
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function ready(fault?: Fault, content: Buffer = Buffer.alloc(100_000, 'certificate')) {
  const disk = diskOf(fault)
  const server = await startServer(disk)
  closers.push(() => server.close())
  const connection = await openSsh(
    { host: '127.0.0.1', port: server.port, username: 'zsroot', password: secretOf('right') },
    { ground: groundOf(), policy: 'first-use', signal: forever },
  )
  closers.push(() => connection.close())
  const folder = await mkdtemp(join(tmpdir(), 'upload-'))
  closers.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'bundle.zip')
  await writeFile(file, content)
  return { connection, file, ...disk }
}

const to = '/tmp/bundle.zip'

describe('an upload', () => {
  test.each([0, 1, 100_000])('of %i bytes arrives whole, under its final name only', async (size) => {
    const content = Buffer.alloc(size, 'content')
    const { connection, file, files } = await ready(undefined, content)
    const seen: number[] = []
    await connection.upload(file, { to, signal: forever, progress: ({ done }) => seen.push(done) })
    expect([...files.keys()]).toEqual([to])
    expect(files.get(to)?.equals(content)).toBe(true)
    expect(seen.at(-1) ?? 0).toBe(size)
  })

  test('replaces what is there where the server cannot rename over it', async () => {
    const { connection, file, files } = await ready('no-rename-extension')
    files.set(to, Buffer.from('old'))
    await connection.upload(file, { to, signal: forever })
    expect(files.get(to)).toHaveLength(100_000)
  })

  test.each([
    ['corrupt', 'COMMAND', /SHA-256/],
    ['short', 'COMMAND', /SHA-256/],
    ['refuse-open', 'COMMAND', /[Pp]ermission denied/],
    ['full', 'COMMAND', /failed/],
    ['drop', 'CONNECT', /broke off/],
  ] as const)('that goes wrong (%s) leaves nothing under the final name', async (fault, code, message) => {
    const { connection, file, files } = await ready(fault)
    files.set(to, Buffer.from('old'))
    const error = await connection.upload(file, { to, signal: forever }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code })
    expect((error as Error).message).toMatch(message)
    expect(files.get(to)?.toString()).toBe('old')
  })

  test('stops when it is cancelled', async () => {
    const { connection, file } = await ready('silent')
    const control = new AbortController()
    const uploading = connection.upload(file, { to, signal: control.signal })
    setImmediate(() => control.abort(new Error('cancelled')))
    await expect(uploading).rejects.toThrow('cancelled')
  })

  test('of a file that is not there says so before anything is sent', async () => {
    const { connection, files } = await ready()
    await expect(connection.upload('/nowhere/bundle.zip', { to, signal: forever })).rejects.toMatchObject({
      code: 'CONFIG',
    })
    expect(files.size).toBe(0)
  })

  test('to a server without SFTP is a ConnectError', async () => {
    const server = await startServer({ onExec: noCommands })
    closers.push(() => server.close())
    const connection = await openSsh(
      { host: '127.0.0.1', port: server.port, username: 'zsroot', password: secretOf('right') },
      { ground: groundOf(), policy: 'first-use', signal: forever },
    )
    closers.push(() => connection.close())
    const folder = await mkdtemp(join(tmpdir(), 'upload-'))
    closers.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'x'), 'x')
    await expect(connection.upload(join(folder, 'x'), { to, signal: forever })).rejects.toMatchObject({
      code: 'CONNECT',
    })
  })
})
