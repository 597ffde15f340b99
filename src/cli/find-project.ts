import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Project } from '../load/project.ts'
import { VERSION } from './version.ts'

/** The project around a folder: the nearest one with `runbooks/` in it, else the engine's own. */
export function findProject(from: string): Project {
  const root = findUpwards(from) ?? fileURLToPath(new URL('..', import.meta.url))
  return {
    root,
    sdk: new URL('./sdk.js', import.meta.url).href,
    version: VERSION,
    state: join(root, '.runbook'),
  }
}

function findUpwards(folder: string): string | undefined {
  if (existsSync(join(folder, 'runbooks')) && existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : findUpwards(parent)
}
