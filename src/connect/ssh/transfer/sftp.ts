import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

import type { SFTPWrapper } from 'ssh2'

import { explainUnreadable, type LocalFile } from './local-file.ts'
import type { RemoteFile, RemoteNames } from './remote-file.ts'

/** Bytes that are read and written at once: what OpenSSH takes in one packet; for others the library cuts it up. */
export const CHUNK = 255 * 1024

/** How a file is written over SFTP. */
export interface SftpPutOptions {
  /** The temporary name. */
  readonly part: string
  /** The first byte that is sent; those before it are there. */
  readonly from: number
  /** Writes that are under way at once. */
  readonly concurrency: number
  readonly onSent: (bytes: number) => void
}

type Done<T> = (cause?: Error | null, value?: T) => void

/** What the library answers by a callback, as a promise. */
function call<T = void>(work: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    work((cause, value) => (cause === undefined || cause === null ? resolve(value as T) : reject(cause)))
  })
}

/** Where the bytes of a file come from: its content where that is in memory, else the disk. */
async function openSource({ path, content }: LocalFile): Promise<{
  readonly read: (at: number, length: number) => Promise<Buffer>
  readonly close: () => Promise<void>
}> {
  if (content !== undefined) {
    return { read: async (at, length) => content.subarray(at, at + length), close: async () => undefined }
  }
  const handle = await open(path).catch((cause: unknown) => {
    throw explainUnreadable(path, cause)
  })
  return {
    async read(at, length) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, at)
      if (bytesRead !== length) throw explainUnreadable(path)
      return buffer
    },
    close: () => handle.close(),
  }
}

/** Sends the rest of a file, many writes at once; the server may answer them in any order. */
export async function putBySftp(
  sftp: SFTPWrapper,
  file: LocalFile,
  { part, from, concurrency, onSent }: SftpPutOptions,
): Promise<void> {
  const remote = await call<Buffer>((done) => sftp.open(part, from > 0 ? 'r+' : 'w', { mode: 0o600 }, done))
  const { read, close } = await openSource(file)
  let next = from

  async function work(): Promise<void> {
    while (next < file.size) {
      const at = next
      const length = Math.min(CHUNK, file.size - at)
      next += length
      const bytes = await read(at, length)
      await call((done) => sftp.write(remote, bytes, 0, length, at, done))
      onSent(length)
    }
  }

  try {
    const workers = Array.from({ length: Math.min(concurrency, Math.ceil(file.size / CHUNK)) }, async () => {
      try {
        await work()
      } catch (cause) {
        // What one could not send, the others need not.
        next = file.size
        throw cause
      }
    })
    // All of them, before the file is closed under one.
    const ends = await Promise.allSettled(workers)
    const refused = ends.find((end) => end.status === 'rejected')
    if (refused !== undefined) throw refused.reason
    await call((done) => sftp.close(remote, done))
  } finally {
    await close()
  }
}

/** Renames, over what is there. */
async function rename(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  try {
    await call((done) => sftp.ext_openssh_rename(from, to, done))
  } catch {
    // Without the extension a rename refuses to replace: the old file has to go first.
    await call((done) => sftp.unlink(to, done)).catch(() => undefined)
    await call((done) => sftp.rename(from, to, done))
  }
}

/** A file on a server that runs no commands: its hash is computed here, from what it gives back. */
export function createSftpFile(sftp: SFTPWrapper, { to, part, size, sha256 }: RemoteNames): RemoteFile {
  async function hashOf(path: string): Promise<string> {
    const hash = createHash('sha256')
    await pipeline(sftp.createReadStream(path), hash)
    return hash.digest('hex')
  }

  const sizeOf = (path: string): Promise<number> =>
    call<{ readonly size: number }>((done) => sftp.stat(path, done)).then(
      (stats) => stats.size,
      () => 0,
    )

  return {
    async look() {
      const same = size > 0 && (await sizeOf(to)) === size && (await hashOf(to)) === sha256
      return { same, partial: await sizeOf(part) }
    },
    async settle() {
      const hash = await hashOf(part)
      if (hash !== sha256) return { hash }
      await rename(sftp, part, to)
      return 'settled'
    },
    remove: () => call((done) => sftp.unlink(part, done)).catch(() => undefined),
    async whyFull() {
      const folder = to.replace(/\/[^/]*$/, '') || '/'
      const room = await call<{ readonly f_bavail: number }>((done) =>
        sftp.ext_openssh_statvfs(folder, done as never),
      ).catch(() => undefined)
      return room?.f_bavail === 0 ? `No space left on ${folder}` : undefined
    },
  }
}
