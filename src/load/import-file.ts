import { pathToFileURL } from 'node:url'

import { type CachedBundle, readCached, writeCached } from './cache.ts'
import { explainThrow } from './explain-throw.ts'
import type { Project } from './project.ts'
import { readText } from './read-text.ts'

/** A module of the user's, loaded. */
export interface ImportedFile {
  readonly exports: Readonly<Record<string, unknown>>
  /** Absolute paths of all files that went in: the code identity of a run. */
  readonly files: readonly string[]
}

async function openBundle(path: string, project: Project): Promise<CachedBundle> {
  const cached = await readCached(path, project)
  if (cached !== undefined) return cached
  // Says clearly what is wrong with the file itself, before a bundler says it in its own words.
  await readText(path)
  const { bundleFile } = await import('./bundle.ts')
  return writeCached(path, project, await bundleFile(path, project))
}

/**
 * Loads a TypeScript or JavaScript file with everything it imports. Bundled once, and from then on read from the cache
 * for as long as no file that went in changes. Throws a `ConfigError` that names file and line.
 */
export async function importFile(path: string, project: Project): Promise<ImportedFile> {
  const bundle = await openBundle(path, project)
  process.setSourceMapsEnabled(true)
  const url = pathToFileURL(bundle.output).href
  try {
    return { exports: (await import(url)) as Record<string, unknown>, files: bundle.inputs }
  } catch (error) {
    throw await explainThrow(path, bundle, error)
  }
}
