import { CommandError } from '../../../model/error.ts'
import { ACCOUNT } from '../appliance.ts'
import type { Disk } from '../disk/disk.ts'

/** Bytes a single file may grow to while it is open; the disk refuses sooner. */
const FILE_LIMIT = 16 * 2 ** 20

/** A file that a client has open: its bytes, which get to the disk when it is closed or asked about. */
export interface OpenFile {
  readonly kind: 'file'
  readonly path: string
  readonly write: (offset: number, data: Buffer) => void
  /** Up to `length` bytes; none at the end. */
  readonly read: (offset: number, length: number) => Buffer | undefined
  readonly flush: () => void
}

/** How a file is opened. */
export interface OpenFileOptions {
  readonly disk: Disk
  readonly content: Buffer
  readonly mode: 'read' | 'write' | 'append'
}

/** Opens a file whose content is known. */
export function createOpenFile(path: string, { disk, content, mode }: OpenFileOptions): OpenFile {
  let bytes = content
  let size = content.length
  let isDirty = false
  return {
    kind: 'file',
    path,
    write(offset, data) {
      if (mode === 'read') throw new CommandError('Permission denied')
      const at = mode === 'append' ? size : offset
      const end = at + data.length
      if (!(end <= FILE_LIMIT)) throw new CommandError('No space left on device')
      if (end > bytes.length) {
        const larger = Buffer.alloc(Math.max(end, bytes.length * 2, 4096))
        bytes.copy(larger, 0, 0, size)
        bytes = larger
      }
      data.copy(bytes, at)
      size = Math.max(size, end)
      isDirty = true
    },
    read: (offset, length) =>
      offset >= size ? undefined : bytes.subarray(offset, Math.min(size, offset + length)),
    flush() {
      if (!isDirty) return
      isDirty = false
      disk.write(path, { data: bytes.toString('latin1', 0, size), as: ACCOUNT })
    },
  }
}
