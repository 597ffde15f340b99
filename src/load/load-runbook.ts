import { readdir } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'

import { ConfigError, RunbookError, UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import type { Runbook } from '../model/runbook.ts'
import { checkRunbook } from './check-runbook.ts'
import { type Exports, importFile, importFiles } from './import-file.ts'
import { renderPath } from './place.ts'
import type { Project } from './project.ts'

/** A runbook, and what was read for it. */
export interface LoadedRunbook {
  readonly runbook: Runbook
  /** Absolute path of its file. */
  readonly file: string
  /** Absolute paths of all files that went in: the code identity of a run. */
  readonly files: readonly string[]
}

/** Names of the runbooks of a project: `deploy`, `vsphere/patch-hosts`, in alphabetical order. */
async function listRunbooks({ root }: Project): Promise<readonly string[]> {
  const entries = await readdir(join(root, 'runbooks'), { recursive: true }).catch(() => [])
  return entries
    .filter((entry) => extname(entry) === '.ts' && !entry.endsWith('.d.ts'))
    .map((entry) => entry.slice(0, -'.ts'.length).replaceAll(sep, '/'))
    .sort()
}

/** The file of a runbook, by its name or by a path that ends in `.ts` or `.js`. */
async function findRunbook(name: string, project: Project): Promise<string> {
  if (/\.[cm]?[jt]s$/.test(name)) return resolve(name)
  const names = await listRunbooks(project)
  if (names.includes(name)) return join(project.root, 'runbooks', `${name}.ts`)
  const nearest = nearestName(name, names)
  throw new UsageError(`there is no runbook “${name}”`, {
    hint: nearest === undefined ? `there are: ${names.join(', ')}` : `did you mean “${nearest}”?`,
  })
}

function isRunbook(value: unknown): value is Runbook {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'runbook')
    return false
  return 'phases' in value && Array.isArray(value.phases)
}

/** The runbook among the exports of a file. */
function readRunbook(file: string, exports: Exports): Runbook {
  const runbook = exports['default']
  if (!isRunbook(runbook)) {
    throw new ConfigError(`${renderPath(file)} does not export a runbook`, {
      hint: 'write export default defineRunbook(vse, { … })',
    })
  }
  const issues = checkRunbook(runbook)
  if (issues.length > 0) {
    const count = issues.length === 1 ? 'a key that does' : `${issues.length} keys that do`
    throw new ConfigError(`${renderPath(file)} has ${count} not exist`, {
      issues: issues.map((issue) => ({ ...issue, file: renderPath(file) })),
      hint: 'correct all of them; nothing was touched',
    })
  }
  return runbook
}

/** Loads a runbook by name or path. Throws where there is none, and where the file does not export one. */
export async function loadRunbook(name: string, project: Project): Promise<LoadedRunbook> {
  const file = await findRunbook(name, project)
  const { exports, files } = await importFile(file, project)
  return { runbook: readRunbook(file, exports), file, files }
}

/** A runbook of a project, or why it cannot be loaded. */
export interface ListedRunbook {
  readonly name: string
  readonly runbook: Runbook | RunbookError
}

/** Every runbook of a project, in the order of their names. */
export async function loadRunbooks(project: Project): Promise<readonly ListedRunbook[]> {
  const names = await listRunbooks(project)
  const files = names.map((name) => join(project.root, 'runbooks', `${name}.ts`))
  const loaded = await importFiles(files, project)
  return names.map((name, index) => ({ name, runbook: openRunbook(files[index] ?? '', loaded[index]) }))
}

function openRunbook(
  file: string,
  loaded: PromiseSettledResult<Exports> | undefined,
): Runbook | RunbookError {
  try {
    if (loaded?.status === 'rejected') throw loaded.reason
    return readRunbook(file, loaded?.value ?? {})
  } catch (error) {
    if (error instanceof RunbookError) return error
    throw error
  }
}
