import { pathToFileURL } from 'node:url'

import { type CachedBundle, readCached, writeCached } from './cache.ts'
import { explainThrow } from './explain-throw.ts'
import type { Project } from './project.ts'
import { readText } from './read-text.ts'

/** What a module of the user's exports, by name. */
export type Exports = Readonly<Record<string, unknown>>

/** A module of the user's, loaded. */
export interface ImportedFile {
  readonly exports: Exports
  /** Absolute paths of all files that went in: the code identity of a run. */
  readonly files: readonly string[]
}

async function openBundle(paths: readonly string[], project: Project): Promise<CachedBundle> {
  const cached = await readCached(paths, project)
  if (cached !== undefined) return cached
  // Says clearly what is wrong with a file itself, before a bundler says it in its own words.
  for (const path of paths) await readText(path)
  const { bundleFiles } = await import('./bundle.ts')
  return writeCached(paths, { project, bundle: await bundleFiles(paths, project) })
}

async function importBundle({ output }: CachedBundle): Promise<Exports> {
  process.setSourceMapsEnabled(true)
  return (await import(pathToFileURL(output).href)) as Exports
}

/**
 * Loads a TypeScript or JavaScript file with everything it imports. Bundled once, and from then on read from the cache
 * for as long as no file that went in changes. Throws a `ConfigError` that names file and line.
 */
export async function importFile(path: string, project: Project): Promise<ImportedFile> {
  const bundle = await openBundle([path], project)
  try {
    return { exports: await importBundle(bundle), files: bundle.inputs }
  } catch (error) {
    throw await explainThrow(path, bundle, error)
  }
}

/**
 * The exports of several files, in their order. They are loaded as one, so that what they share is read and run once;
 * where one of them cannot be loaded, each by itself, and each tells its own tale.
 */
export async function importFiles(
  paths: readonly string[],
  project: Project,
): Promise<readonly PromiseSettledResult<Exports>[]> {
  const alone = () => Promise.allSettled(paths.map(async (path) => (await importFile(path, project)).exports))
  if (paths.length < 2) return alone()
  try {
    const together = await importBundle(await openBundle(paths, project))
    return paths.map((_, index) => ({ status: 'fulfilled', value: together[`file${index}`] as Exports }))
  } catch {
    return alone()
  }
}
