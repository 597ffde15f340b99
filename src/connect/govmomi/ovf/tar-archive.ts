import { VimError } from '../error.ts'
import type { OvfArchive } from './archive.ts'
import type { ByteSource } from './source.ts'
import { readTarIndex } from './tar.ts'

/**
 * Opens a tar archive as an image, without extracting it: its files are read in place. Throws a `VimError` of kind `archive`.
 * Closing it closes the source; where it cannot be opened, the source stays open.
 */
export async function openTarArchive(
  source: ByteSource,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<OvfArchive> {
  const members = new Map(
    (await readTarIndex(source, signal === undefined ? {} : { signal })).map((member) => [
      member.name,
      member,
    ]),
  )
  const [descriptor, second] = [...members.keys()].filter((name) => name.toLowerCase().endsWith('.ovf'))
  if (descriptor === undefined) {
    throw new VimError('archive', 'the archive has no OVF descriptor: it is not an OVA')
  }
  if (second !== undefined) {
    throw new VimError('archive', `the archive has two OVF descriptors: ${descriptor} and ${second}`)
  }
  return {
    descriptor,
    sizeOf: async (name) => members.get(name)?.size,
    stream(name, { offset, size }, signal) {
      const start = members.get(name)?.offset ?? 0
      return source.stream({ offset: start + offset, size }, signal === undefined ? {} : { signal })
    },
    close: () => source.close(),
  }
}
