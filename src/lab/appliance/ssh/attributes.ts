import ssh2, { type Attributes } from 'ssh2'

import type { Stat } from '../disk/disk.ts'

const { STATUS_CODE } = ssh2.utils.sftp
const FOLDER_BIT = 0o040000
const FILE_BIT = 0o100000

/** What the protocol tells of a file. */
export function attributesOf({ isFolder, mode, size, owner, changed }: Stat): Attributes {
  const seconds = Math.floor(changed / 1000)
  const id = owner === 'root' ? 0 : 1001
  return {
    mode: mode | (isFolder ? FOLDER_BIT : FILE_BIT),
    uid: id,
    gid: id,
    size,
    atime: seconds,
    mtime: seconds,
  }
}

/** The protocol's code for the system's words. */
export function codeOf(message: string): number {
  if (message === 'No such file or directory') return STATUS_CODE.NO_SUCH_FILE
  return message === 'Permission denied' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE
}
