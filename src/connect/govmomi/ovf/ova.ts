import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'

import { VimError } from '../error.ts'
import type { Origin, OvfArchive } from './archive.ts'
import { parseDescriptor, type OvfDescriptor } from './descriptor.ts'
import { openFileSource } from './file-source.ts'
import { openFolderArchive } from './folder-archive.ts'
import { parseManifest, type Digest, type Manifest } from './manifest.ts'
import { verifySignature, type Signer } from './signature.ts'
import { openTarArchive } from './tar-archive.ts'

/** A file of an image, and its digest where the manifest has one. */
export interface OvaMember {
  readonly name: string
  readonly size: number
  readonly digest: Digest | undefined
}

/** An opened OVA: its descriptor is checked, its disks are read when they are sent. */
export interface Ova {
  readonly descriptor: OvfDescriptor
  /** The descriptor as it stands in the archive. */
  readonly descriptorText: string
  /** Who signed its manifest, where somebody did. */
  readonly signer: Signer | undefined
  /** Where a server can fetch it by itself; nothing for a file. */
  readonly origin: Origin | undefined
  /** What is odd about it, as sentences without a full stop. */
  readonly warnings: readonly string[]
  /** A file that the descriptor refers to. Throws where there is no such file. */
  member(name: string): OvaMember
  /** The bytes of a file, piece by piece; each piece is good until the next is asked for. */
  read(name: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<Buffer>
  /** Called when every file was read here: throws where the image as a whole is not what it has to be. */
  finish(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

const MAX_TEXT = 8 * 1024 * 1024

const DAMAGED = 'download the image again'

async function readSmall(
  archive: OvfArchive,
  name: string,
  signal?: AbortSignal,
): Promise<Buffer | undefined> {
  const size = await archive.sizeOf(name)
  if (size === undefined) return undefined
  if (size > MAX_TEXT) throw new VimError('archive', `${name} has ${size} bytes, too many for a text`)
  const pieces: Buffer[] = []
  for await (const piece of archive.stream(name, { offset: 0, size }, signal)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

/** What vouches for an image: its manifest, and who signed that. */
interface Vouching {
  readonly manifest: Manifest | undefined
  readonly signer: Signer | undefined
}

async function readVouching(
  archive: OvfArchive,
  content: Buffer,
  signal: AbortSignal | undefined,
): Promise<Vouching> {
  const name = archive.descriptor
  const manifestName = name.replace(/\.ovf$/i, '.mf')
  const written = await readSmall(archive, manifestName, signal)
  const signature = await readSmall(archive, name.replace(/\.ovf$/i, '.cert'), signal)
  if (written === undefined && signature !== undefined) {
    throw new VimError('archive', 'the image has a signature, but no manifest that was signed')
  }
  if (written === undefined) return { manifest: undefined, signer: undefined }
  const signer =
    signature === undefined
      ? undefined
      : verifySignature(signature.toString('latin1'), { name: manifestName, content: written })
  const manifest = parseManifest(written.toString('utf8'))
  const digest = manifest.digests.get(name)
  if (digest !== undefined && createHash(digest.algorithm).update(content).digest('hex') !== digest.hex) {
    throw new VimError('archive', `${name} is not what the manifest says: the image was changed or damaged`, {
      hint: DAMAGED,
    })
  }
  return { manifest, signer }
}

async function readMembers(
  archive: OvfArchive,
  { files }: OvfDescriptor,
  manifest: Manifest | undefined,
): Promise<ReadonlyMap<string, OvaMember>> {
  const members = new Map<string, OvaMember>()
  for (const { href, size: promised } of files) {
    const size = await archive.sizeOf(href)
    if (size === undefined) {
      throw new VimError('archive', `the OVA does not hold ${href}, which its descriptor wants`)
    }
    if (promised !== undefined && promised !== size) {
      throw new VimError('archive', `${href} has ${size} bytes, but the descriptor says ${promised}`, {
        hint: DAMAGED,
      })
    }
    members.set(href, { name: href, size, digest: manifest?.digests.get(href) })
  }
  return members
}

function listWarnings(
  { manifest, signer }: Vouching,
  { descriptor, members }: { readonly descriptor: string; readonly members: ReadonlyMap<string, OvaMember> },
): readonly string[] {
  if (manifest === undefined) return ['the image has no manifest, so nothing tells whether it is whole']
  const missing = [descriptor, ...members.keys()].filter((name) => !manifest.digests.has(name))
  return [
    ...manifest.oddities.map((oddity) => `the manifest is odd: ${oddity}`),
    ...missing.map((name) => `the manifest says nothing about ${name}`),
    ...(signer !== undefined && signer.validTo.getTime() < Date.now()
      ? [`the certificate of ${signer.subject}, who signed the image, has expired`]
      : []),
  ]
}

/**
 * Opens an image: verifies the manifest’s signature where there is one, the descriptor against the manifest, and that every
 * file the descriptor refers to is there with the right size. Throws a `VimError` of kind `archive`; closes the archive then.
 */
export async function openArchive(
  archive: OvfArchive,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Ova> {
  try {
    const content = (await readSmall(archive, archive.descriptor, signal)) ?? Buffer.alloc(0)
    const vouching = await readVouching(archive, content, signal)
    const descriptorText = content.toString('utf8')
    const descriptor = parseDescriptor(descriptorText)
    const members = await readMembers(archive, descriptor, vouching.manifest)
    const member = (name: string): OvaMember => {
      const found = members.get(name)
      if (found !== undefined) return found
      throw new VimError('archive', `the OVA does not hold ${name}, which its descriptor wants`)
    }
    return {
      descriptor,
      descriptorText,
      signer: vouching.signer,
      origin: archive.origin,
      warnings: listWarnings(vouching, { descriptor: archive.descriptor, members }),
      member,
      read: (name, options) => archive.stream(name, { offset: 0, size: member(name).size }, options?.signal),
      finish: async (until) => archive.finish?.(until),
      close: () => archive.close(),
    }
  } catch (error) {
    await archive.close()
    throw error
  }
}

async function openFile(path: string): Promise<OvfArchive> {
  const source = await openFileSource(path)
  try {
    return await openTarArchive(source)
  } catch (error) {
    await source.close()
    throw error
  }
}

/**
 * Opens an image from the file system: an OVA, or an OVF descriptor (or the folder it is in) with its files beside it. Throws
 * a `VimError` of kind `archive`, or the file system's error.
 */
export async function openOva(path: string): Promise<Ova> {
  const isFolder = (await stat(path)).isDirectory()
  return openArchive(
    isFolder || path.toLowerCase().endsWith('.ovf') ? await openFolderArchive(path) : await openFile(path),
  )
}
