import { readdir } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'

import { ConfigError, UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import type { Runbook } from '../model/runbook.ts'
import { checkRunbook } from './check-runbook.ts'
import { importFile } from './import-file.ts'
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
export async function listRunbooks({ root }: Project): Promise<readonly string[]> {
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

/** Loads a runbook by name or path. Throws where there is none, and where the file does not export one. */
export async function loadRunbook(name: string, project: Project): Promise<LoadedRunbook> {
  const file = await findRunbook(name, project)
  const { exports, files } = await importFile(file, project)
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
  return { runbook, file, files }
}
