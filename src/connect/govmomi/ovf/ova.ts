import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'

import { VimError } from '../error.ts'
import { parseDescriptor, type OvfDescriptor } from './descriptor.ts'
import { parseManifest, type Digest } from './manifest.ts'
import { readTarIndex, type TarMember } from './tar.ts'

/** An opened OVA: its descriptor is checked, its disks are read when they are sent. */
export interface Ova {
  readonly descriptor: OvfDescriptor
  /** The descriptor as it stands in the archive. */
  readonly descriptorText: string
  /** Where a file's bytes are, and its digest where the manifest has one. Throws where there is no such file. */
  member(name: string): TarMember & { readonly digest: Digest | undefined }
  /** The bytes of a file, a MiB at a time. */
  read(name: string): Readable
  close(): Promise<void>
}

const MAX_TEXT = 8 * 1024 * 1024

async function readText(file: FileHandle, { name, offset, size }: TarMember): Promise<string> {
  if (size > MAX_TEXT) throw new VimError('archive', `${name} has ${size} bytes, too many for a text`)
  const buffer = Buffer.alloc(size)
  await file.read(buffer, 0, size, offset)
  return buffer.toString('utf8')
}

async function index(file: FileHandle): Promise<Omit<Ova, 'close'>> {
  const members = await readTarIndex(file)
  const ovf = members.find(({ name }) => name.toLowerCase().endsWith('.ovf'))
  if (ovf === undefined) throw new VimError('archive', 'the archive has no OVF descriptor: it is not an OVA')
  const descriptorText = await readText(file, ovf)
  const manifest = members.find(({ name }) => name === ovf.name.replace(/\.ovf$/i, '.mf'))
  const digests = manifest === undefined ? undefined : parseManifest(await readText(file, manifest))
  const digest = digests?.get(ovf.name)
  if (
    digest !== undefined &&
    createHash(digest.algorithm).update(descriptorText).digest('hex') !== digest.hex
  ) {
    throw new VimError(
      'archive',
      `${ovf.name} is not what the manifest says: the image was changed or damaged`,
      {
        hint: 'download the image again',
      },
    )
  }
  const byName = new Map(members.map((member) => [member.name, member]))
  const member = (name: string): TarMember & { readonly digest: Digest | undefined } => {
    const found = byName.get(name)
    if (found === undefined)
      throw new VimError('archive', `the OVA does not hold ${name}, which its descriptor wants`)
    return { ...found, digest: digests?.get(name) }
  }
  const descriptor = parseDescriptor(descriptorText)
  for (const { href, size } of descriptor.files) {
    const found = member(href)
    if (size !== undefined && size !== found.size) {
      throw new VimError('archive', `${href} has ${found.size} bytes, but the descriptor says ${size}`, {
        hint: 'download the image again',
      })
    }
  }
  return {
    descriptor,
    descriptorText,
    member,
    read(name) {
      const { offset, size } = member(name)
      return file.createReadStream({
        start: offset,
        end: offset + size - 1,
        highWaterMark: 1024 * 1024,
        autoClose: false,
      })
    },
  }
}

/**
 * Opens an OVA: indexes the archive, verifies the descriptor against the manifest, and checks that every file it refers to is
 * there with the right size. Throws a `VimError` of kind `archive`, or the file system's error.
 */
export async function openOva(path: string): Promise<Ova> {
  const file = await open(path)
  try {
    return { ...(await index(file)), close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}
