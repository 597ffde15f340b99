import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2'

import { CommandError } from '../../../model/error.ts'
import { ACCOUNT } from '../appliance.ts'
import { resolvePath, type Disk } from '../disk/disk.ts'
import { attributesOf, codeOf } from './attributes.ts'
import { createOpenFile, type OpenFile } from './open-file.ts'

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp

const HOME = '/usr/home/zsroot'

/** Bytes of an answer to one read. */
const READ_LIMIT = 256 * 1024
const HANDLE_LIMIT = 64
const UMASK = 0o022

interface OpenFolder {
  readonly kind: 'folder'
  readonly path: string
  names: readonly string[] | undefined
}

/** Serves files of the guest's disk as its only account. A change is on disk, by `save`, before the client hears of it. */
export function serveSftp(
  sftp: SFTPWrapper,
  { disk, save }: { readonly disk: Disk; readonly save: () => Promise<void> },
): void {
  const handles = new Map<number, OpenFile | OpenFolder>()
  let nextHandle = 0

  function flushPath(path: string): void {
    for (const open of handles.values()) if (open.kind === 'file' && open.path === path) open.flush()
  }

  function opened(handle: Buffer): OpenFile | OpenFolder {
    const found = handle.length === 4 ? handles.get(handle.readUInt32BE(0)) : undefined
    if (found === undefined) throw new CommandError('Invalid handle')
    return found
  }

  function openedFile(handle: Buffer): OpenFile {
    const found = opened(handle)
    if (found.kind !== 'file') throw new CommandError('Invalid handle')
    return found
  }

  function reply(request: number, entry: OpenFile | OpenFolder): void {
    if (handles.size >= HANDLE_LIMIT) throw new CommandError('Too many open files')
    const handle = Buffer.alloc(4)
    handle.writeUInt32BE(nextHandle)
    handles.set(nextHandle, entry)
    nextHandle += 1
    sftp.handle(request, handle)
  }

  /** Runs what answers a request; a refusal becomes a status, and the connection lives on. */
  async function answer(request: number, act: () => void | Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      const message = error instanceof Error ? error.message : 'Failure'
      sftp.status(request, codeOf(message), message)
    }
  }

  async function done(request: number): Promise<void> {
    await save()
    sftp.status(request, STATUS_CODE.OK)
  }

  const pathOf = (path: string): string => resolvePath(Buffer.from(path, 'utf8').toString('latin1'), HOME)

  function stat(request: number, path: string): void {
    flushPath(path)
    const found = disk.stat(path)
    if (found === undefined) throw new CommandError('No such file or directory')
    sftp.attrs(request, attributesOf(found))
  }

  function applyAttributes(path: string, { mode }: Attributes): void {
    if (disk.stat(path) === undefined) throw new CommandError('No such file or directory')
    if (typeof mode === 'number') disk.chmod(path, { mode: mode & 0o7777, as: ACCOUNT })
  }

  async function rename(
    request: number,
    { from, to, replaces }: { from: string; to: string; replaces: boolean },
  ): Promise<void> {
    flushPath(from)
    if (!replaces && disk.stat(to) !== undefined) throw new CommandError('File exists')
    disk.rename(from, { to, as: ACCOUNT })
    await done(request)
  }

  function open(
    request: number,
    { path, flags, attrs }: { path: string; flags: number; attrs: Attributes },
  ): void {
    const before = disk.stat(path)
    const writable = (flags & (OPEN_MODE.WRITE | OPEN_MODE.APPEND)) !== 0
    if (before === undefined && (flags & OPEN_MODE.CREAT) === 0)
      throw new CommandError('No such file or directory')
    if (before !== undefined && (flags & OPEN_MODE.EXCL) !== 0) throw new CommandError('File exists')
    if (before?.isFolder === true) throw new CommandError('Is a directory')
    const truncates = before === undefined || (flags & OPEN_MODE.TRUNC) !== 0
    if (writable && truncates) {
      const rights =
        before === undefined && typeof attrs.mode === 'number' ? { mode: attrs.mode & 0o777 & ~UMASK } : {}
      disk.write(path, { data: '', as: ACCOUNT, ...rights })
    } else if (writable) disk.append(path, { data: '', as: ACCOUNT })
    const content = truncates ? Buffer.alloc(0) : Buffer.from(disk.read(path, ACCOUNT), 'latin1')
    const appends = (flags & OPEN_MODE.APPEND) !== 0
    const mode = appends ? 'append' : writable ? 'write' : 'read'
    reply(request, createOpenFile(path, { disk, content, mode }))
  }

  sftp.on(
    'OPEN',
    (...[request, path, flags, attrs]) =>
      void answer(request, () => open(request, { path: pathOf(path), flags, attrs })),
  )
  sftp.on(
    'READ',
    (...[request, handle, offset, length]) =>
      void answer(request, () => {
        const data = openedFile(handle).read(offset, Math.min(length, READ_LIMIT))
        if (data === undefined) sftp.status(request, STATUS_CODE.EOF)
        else sftp.data(request, data)
      }),
  )
  sftp.on(
    'WRITE',
    (...[request, handle, offset, data]) =>
      void answer(request, () => {
        openedFile(handle).write(offset, data)
        sftp.status(request, STATUS_CODE.OK)
      }),
  )
  sftp.on(
    'CLOSE',
    (request, handle) =>
      void answer(request, async () => {
        const entry = opened(handle)
        handles.delete(handle.readUInt32BE(0))
        if (entry.kind === 'file') entry.flush()
        await done(request)
      }),
  )
  sftp.on('STAT', (request, path) => void answer(request, () => stat(request, pathOf(path))))
  sftp.on('LSTAT', (request, path) => void answer(request, () => stat(request, pathOf(path))))
  sftp.on('FSTAT', (request, handle) => void answer(request, () => stat(request, opened(handle).path)))
  sftp.on(
    'SETSTAT',
    (request, path, attrs) =>
      void answer(request, async () => {
        applyAttributes(pathOf(path), attrs)
        await done(request)
      }),
  )
  sftp.on(
    'FSETSTAT',
    (request, handle, attrs) =>
      void answer(request, async () => {
        applyAttributes(opened(handle).path, attrs)
        await done(request)
      }),
  )
  sftp.on(
    'RENAME',
    (request, from, to) =>
      void answer(request, () => rename(request, { from: pathOf(from), to: pathOf(to), replaces: false })),
  )
  sftp.on(
    'EXTENDED',
    (request, name, data) =>
      void answer(request, async () => {
        if (name !== 'posix-rename@openssh.com' || data.length < 8) {
          sftp.status(request, STATUS_CODE.OP_UNSUPPORTED)
          return
        }
        const length = data.readUInt32BE(0)
        const from = data.toString('utf8', 4, 4 + length)
        const to = data.toString('utf8', 8 + length)
        await rename(request, { from: pathOf(from), to: pathOf(to), replaces: true })
      }),
  )
  sftp.on(
    'REMOVE',
    (request, path) =>
      void answer(request, async () => {
        if (disk.stat(pathOf(path))?.isFolder === true) throw new CommandError('Is a directory')
        disk.remove(pathOf(path), ACCOUNT)
        await done(request)
      }),
  )
  sftp.on(
    'RMDIR',
    (request, path) =>
      void answer(request, async () => {
        if (disk.stat(pathOf(path))?.isFolder === false) throw new CommandError('Not a directory')
        disk.remove(pathOf(path), ACCOUNT)
        await done(request)
      }),
  )
  sftp.on(
    'MKDIR',
    (request, path) =>
      void answer(request, async () => {
        disk.makeFolder(pathOf(path), ACCOUNT)
        await done(request)
      }),
  )
  sftp.on(
    'OPENDIR',
    (request, path) =>
      void answer(request, () => {
        const folder = pathOf(path)
        reply(request, { kind: 'folder', path: folder, names: disk.list(folder, ACCOUNT) })
      }),
  )
  sftp.on(
    'READDIR',
    (request, handle) =>
      void answer(request, () => {
        const folder = opened(handle)
        if (folder.kind !== 'folder') throw new CommandError('Invalid handle')
        if (folder.names === undefined || folder.names.length === 0) {
          sftp.status(request, STATUS_CODE.EOF)
          return
        }
        const entries = folder.names.flatMap((filename) => {
          const found = disk.stat(`${folder.path}/${filename}`)
          return found === undefined ? [] : [{ filename, longname: filename, attrs: attributesOf(found) }]
        })
        folder.names = undefined
        sftp.name(request, entries)
      }),
  )
  sftp.on(
    'REALPATH',
    (request, path) =>
      void answer(request, () => {
        const filename = pathOf(path === '' ? '.' : path)
        sftp.name(request, [{ filename, longname: filename, attrs: {} as Attributes }])
      }),
  )
  sftp.on('close', () => {
    // The connection went away in the middle: what had come by then is on the disk, as it would be.
    for (const entry of handles.values()) if (entry.kind === 'file') keep(entry)
    handles.clear()
  })
}

/** Writes what came of a file whose client has gone; there is nobody left to tell that the disk refuses. */
function keep(file: OpenFile): void {
  try {
    file.flush()
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
  }
}
