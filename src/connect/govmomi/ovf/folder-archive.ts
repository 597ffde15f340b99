import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'

import { VimError } from '../error.ts'
import type { OvfArchive } from './archive.ts'
import { openFileSource } from './file-source.ts'
import { checkMemberName } from './member-name.ts'
import type { ByteSource } from './source.ts'

async function findDescriptor(path: string): Promise<{ readonly folder: string; readonly name: string }> {
  if (!(await stat(path)).isDirectory()) return { folder: dirname(path), name: basename(path) }
  const [name, second] = (await readdir(path)).filter((each) => each.toLowerCase().endsWith('.ovf'))
  if (name === undefined) throw new VimError('archive', `the folder ${path} has no OVF descriptor in it`)
  if (second !== undefined) {
    throw new VimError('archive', `the folder ${path} has two OVF descriptors: ${name} and ${second}`, {
      hint: 'name the one that is meant',
    })
  }
  return { folder: path, name }
}

/** Opens an OVF descriptor, or the folder with the only one, as an image: its files lie beside it. */
export async function openFolderArchive(path: string): Promise<OvfArchive> {
  const { folder, name: descriptor } = await findDescriptor(path)
  const home = await realpath(folder)
  const sources = new Map<string, ByteSource>()

  // A link may lie in the folder, but what it leads to has to be in there, too.
  async function locate(name: string): Promise<string | undefined> {
    const wrong = checkMemberName(name)
    if (wrong !== undefined) throw new VimError('archive', wrong)
    const there = await realpath(join(home, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    if (there === undefined || there.startsWith(home + sep)) return there
    throw new VimError('archive', `${name} leads out of the folder of the image`)
  }

  return {
    descriptor,
    async sizeOf(name) {
      const known = sources.get(name)
      if (known !== undefined) return known.size
      const there = await locate(name)
      if (there === undefined) return undefined
      const source = await openFileSource(there)
      sources.set(name, source)
      return source.size
    },
    async *stream(name, range, signal) {
      const source = sources.get(name)
      if (source !== undefined) yield* source.stream(range, signal === undefined ? {} : { signal })
    },
    async close() {
      await Promise.all([...sources.values()].map((source) => source.close()))
    },
  }
}
