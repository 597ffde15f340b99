import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { writeState } from '../state/write-error.ts'
import type { Bundle } from './bundle.ts'
import { renderPath } from './place.ts'
import type { Project } from './project.ts'

/** Raised whenever what is cached changes its form or its meaning. */
const FORMAT = 1

/** A bundle on disk. */
export interface CachedBundle {
  /** Absolute path of the module. */
  readonly output: string
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[]
}

interface Manifest {
  readonly format: number
  readonly output: string
  /** Hash of each file that went in. */
  readonly inputs: Readonly<Record<string, string>>
}

function hashOf(content: string | Buffer): string {
  return createHash('sha1').update(content).digest('hex')
}

async function hashFile(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined)
  return content === undefined ? undefined : hashOf(content)
}

/** What a bundle is called, for those who look into the folder. */
function nameOf(paths: readonly string[]): string {
  const [path] = paths
  return path !== undefined && paths.length === 1 ? basename(path) : `${paths.length}-files`
}

function manifestPath(paths: readonly string[], { state, sdk, version }: Project): string {
  const key = hashOf([FORMAT, ...paths, sdk, version].join('\0')).slice(0, 16)
  return join(state, 'cache', `${nameOf(paths)}-${key}.json`)
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest
    return manifest.format === FORMAT ? manifest : undefined
  } catch {
    // A cache that cannot be read is a cache that is not there.
    return undefined
  }
}

/** The bundle of files, if everything that went in is still the same. */
export async function readCached(
  paths: readonly string[],
  project: Project,
): Promise<CachedBundle | undefined> {
  const manifest = await readManifest(manifestPath(paths, project))
  if (manifest === undefined) return undefined
  const output = join(project.state, 'cache', manifest.output)
  const inputs = Object.entries(manifest.inputs)
  const same = await Promise.all([
    stat(output).then(
      () => true,
      () => false,
    ),
    ...inputs.map(async ([input, hash]) => (await hashFile(input)) === hash),
  ])
  return same.every(Boolean) ? { output, inputs: inputs.map(([input]) => input) } : undefined
}

async function replace(path: string, content: string): Promise<void> {
  // Several loads of one file may be under way, in this process and in others.
  const temporary = `${path}.${randomUUID()}.new`
  await writeFile(temporary, content)
  await rename(temporary, path)
}

/** Keeps a bundle under a name that carries its content's hash, and forgets the one it replaces. */
export async function writeCached(
  paths: readonly string[],
  { project, bundle }: { readonly project: Project; readonly bundle: Bundle },
): Promise<CachedBundle> {
  const folder = join(project.state, 'cache')
  const at = manifestPath(paths, project)
  const name = `${nameOf(paths)}-${hashOf(bundle.code).slice(0, 16)}.mjs`
  const write = async (): Promise<void> => {
    const before = await readManifest(at)
    await mkdir(folder, { recursive: true })
    const hashes = await Promise.all(
      bundle.inputs.map(async (input) => [input, (await hashFile(input)) ?? ''] as const),
    )
    await replace(join(folder, `${name}.map`), bundle.map)
    await replace(join(folder, name), `${bundle.code}\n//# sourceMappingURL=${name}.map\n`)
    const manifest: Manifest = { format: FORMAT, output: name, inputs: Object.fromEntries(hashes) }
    await replace(at, JSON.stringify(manifest))
    if (before !== undefined && before.output !== name) {
      await rm(join(folder, before.output), { force: true })
      await rm(join(folder, `${before.output}.map`), { force: true })
    }
  }
  await writeState(renderPath(folder), write)
  return { output: join(folder, name), inputs: bundle.inputs }
}
