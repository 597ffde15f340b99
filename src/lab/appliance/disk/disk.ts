import { CommandError } from '../../../model/error.ts'

/** Who acts on the disk. */
export type User = 'zsroot' | 'root'

/** A file or folder as it is kept. Contents are bytes in a string. */
export interface StoredEntry {
  readonly owner: User
  /** Permission bits, as in `chmod`. */
  readonly mode: number
  /** Milliseconds since the epoch, by the guest's clock. */
  readonly changed: number
  /** None for a folder. */
  readonly data?: string | undefined
}

/** Bytes that people may put on the lab's copy of a 500 GB disk. */
const CAPACITY = 4 * 2 ** 20

/** Folders that are always there. */
const FOLDERS: ReadonlyMap<string, Pick<StoredEntry, 'owner' | 'mode'>> = new Map([
  ...[
    '/',
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/etc/ssh',
    '/root',
    '/sbin',
    '/usr',
    '/usr/bin',
    '/usr/home',
  ].map((path) => [path, { owner: 'root', mode: 0o755 }] as const),
  ...['/usr/local', '/usr/local/etc', '/usr/sbin', '/var', '/var/log', '/var/run', '/sc', '/sc/conf'].map(
    (path) => [path, { owner: 'root', mode: 0o755 }] as const,
  ),
  ...['sme', 'smlb', 'update'].flatMap((name) =>
    ['', '/bin', '/conf', '/log'].map(
      (part) => [`/sc/${name}${part}`, { owner: 'root', mode: 0o755 }] as const,
    ),
  ),
  ['/tmp', { owner: 'root', mode: 0o1777 }],
  ['/var/tmp', { owner: 'root', mode: 0o1777 }],
  ['/usr/home/zsroot', { owner: 'zsroot', mode: 0o755 }],
])

/** What a path names. */
export interface Stat extends StoredEntry {
  readonly isFolder: boolean
  readonly size: number
}

/** The guest's disk. Every method takes absolute or relative paths and refuses with the words of the system. */
export interface Disk {
  readonly stat: (path: string) => Stat | undefined
  readonly read: (path: string, as: User) => string
  /** Creates or replaces a file. */
  readonly write: (
    path: string,
    content: { readonly data: string; readonly as: User; readonly mode?: number },
  ) => void
  readonly append: (path: string, content: { readonly data: string; readonly as: User }) => void
  readonly chmod: (path: string, change: { readonly mode: number; readonly as: User }) => void
  readonly remove: (path: string, as: User) => void
  readonly rename: (from: string, { to, as }: { readonly to: string; readonly as: User }) => void
  readonly makeFolder: (path: string, as: User) => void
  /** Names in a folder, sorted. */
  readonly list: (path: string, as: User) => readonly string[]
}

/** An absolute path without `.`, `..` and doubled slashes; `/home` is a link to `/usr/home`. */
export function resolvePath(path: string, cwd = '/'): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const absolute = `/${parts.join('/')}`
  return absolute.replace(/^\/home(?=\/|$)/, '/usr/home')
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** What a disk is made of. */
export interface DiskParts {
  readonly files: Record<string, StoredEntry>
  readonly now: () => number
  readonly isFull: () => boolean
  /** Called after every change. */
  readonly changed: () => void
}

/** Makes a disk over stored entries, which it changes in place. */
export function createDisk({ files, now, isFull, changed }: DiskParts): Disk {
  const allows = (
    entry: Pick<StoredEntry, 'owner' | 'mode'>,
    { as, bit }: { as: User; bit: 2 | 4 },
  ): boolean =>
    as === 'root' || (entry.mode & bit) !== 0 || (entry.owner === as && (entry.mode & (bit << 6)) !== 0)

  function find(path: string): StoredEntry | undefined {
    const folder = FOLDERS.get(path)
    return folder === undefined
      ? Object.hasOwn(files, path)
        ? files[path]
        : undefined
      : { ...folder, changed: 0 }
  }

  function get(path: string): StoredEntry {
    const entry = find(path)
    if (entry === undefined) throw new CommandError('No such file or directory')
    return entry
  }

  function checkFolder(path: string, as: User): void {
    const folder = find(path)
    if (folder === undefined) throw new CommandError('No such file or directory')
    if (folder.data !== undefined) throw new CommandError('Not a directory')
    if (!allows(folder, { as, bit: 2 })) throw new CommandError('Permission denied')
  }

  function checkSpace(path: string, bytes: number): void {
    let used = bytes
    for (const [name, entry] of Object.entries(files)) {
      if (name !== path) used += name.length + (entry.data?.length ?? 0)
    }
    if (isFull() || used > CAPACITY) throw new CommandError('No space left on device')
  }

  function write(path: string, { data, as, mode }: { data: string; as: User; mode?: number }): void {
    const at = resolvePath(path)
    const before = find(at)
    if (before !== undefined && before.data === undefined) throw new CommandError('Is a directory')
    if (before === undefined) checkFolder(parentOf(at), as)
    else if (!allows(before, { as, bit: 2 })) throw new CommandError('Permission denied')
    checkSpace(at, data.length)
    files[at] = { owner: before?.owner ?? as, mode: mode ?? before?.mode ?? 0o644, changed: now(), data }
    changed()
  }

  function read(path: string, as: User): string {
    const entry = get(resolvePath(path))
    if (!allows(entry, { as, bit: 4 })) throw new CommandError('Permission denied')
    if (entry.data === undefined) throw new CommandError('Is a directory')
    return entry.data
  }

  function names(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    const found = [...FOLDERS.keys(), ...Object.keys(files)].flatMap((name) =>
      name.startsWith(prefix) && name !== path ? [name.slice(prefix.length)] : [],
    )
    return [...new Set(found.filter((name) => !name.includes('/')))].sort()
  }

  return {
    write,
    read,
    stat(path) {
      const entry = find(resolvePath(path))
      if (entry === undefined) return undefined
      return { ...entry, isFolder: entry.data === undefined, size: entry.data?.length ?? 512 }
    },
    append(path, { data, as }) {
      const before = find(resolvePath(path))
      write(path, { data: `${before === undefined ? '' : (before.data ?? '')}${data}`, as })
    },
    chmod(path, { mode, as }) {
      const at = resolvePath(path)
      const entry = get(at)
      if (as !== 'root' && entry.owner !== as) throw new CommandError('Operation not permitted')
      if (!FOLDERS.has(at)) files[at] = { ...entry, mode }
      changed()
    },
    remove(path, as) {
      const at = resolvePath(path)
      const entry = get(at)
      checkFolder(parentOf(at), as)
      if (FOLDERS.has(at)) throw new CommandError('Operation not permitted')
      if (entry.data === undefined && names(at).length > 0) throw new CommandError('Directory not empty')
      delete files[at]
      changed()
    },
    rename(from, { to, as }) {
      const source = resolvePath(from)
      const target = resolvePath(to)
      const entry = get(source)
      checkFolder(parentOf(source), as)
      checkFolder(parentOf(target), as)
      if (FOLDERS.has(source) || entry.data === undefined) throw new CommandError('Operation not permitted')
      if (find(target) !== undefined && find(target)?.data === undefined)
        throw new CommandError('Is a directory')
      delete files[source]
      files[target] = entry
      changed()
    },
    makeFolder(path, as) {
      const at = resolvePath(path)
      if (find(at) !== undefined) throw new CommandError('File exists')
      checkFolder(parentOf(at), as)
      checkSpace(at, 0)
      files[at] = { owner: as, mode: 0o755, changed: now() }
      changed()
    },
    list(path, as) {
      const at = resolvePath(path)
      const entry = get(at)
      if (entry.data !== undefined) throw new CommandError('Not a directory')
      if (!allows(entry, { as, bit: 4 })) throw new CommandError('Permission denied')
      return names(at)
    },
  }
}
