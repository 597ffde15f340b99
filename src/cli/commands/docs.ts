import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'

import { importFiles } from '../../load/import-file.ts'
import type { Project } from '../../load/project.ts'
import { ConfigError, UsageError } from '../../model/error.ts'
import { nearestName } from '../../model/nearest.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import type { DocsInvocation } from '../invocation.ts'
import { renderModule, renderReference, type Documented } from '../render/module-docs.ts'

const REFERENCE = 'modules/README.md'

/** Writes the modules' reference, checks that it is not stale, or prints the section of one module. */
export async function writeDocs({ check, module }: DocsInvocation): Promise<ExitCode> {
  const project = findProject(process.cwd())
  const modules = await loadModules(project)
  if (module !== undefined) {
    console.log(renderModule(findModule(module, modules)).join('\n'))
    return 0
  }
  const text = renderReference(modules)
  const path = join(project.root, REFERENCE)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (check && before !== text) {
    throw new ConfigError(`${REFERENCE} is stale`, { hint: 'write it anew: npm run docs' })
  }
  if (!check && before !== text) await writeFile(path, text)
  console.log(
    before === text ? `${REFERENCE} is up to date` : `wrote ${REFERENCE}, ${modules.length} modules`,
  )
  return 0
}

/** Every module and action that the files below `modules/` export. */
export async function loadModules(project: Project): Promise<readonly Documented[]> {
  const entries = await readdir(join(project.root, 'modules'), { recursive: true }).catch(() => [])
  const files = entries.filter((entry) => entry.endsWith('.ts') && !entry.endsWith('.d.ts')).toSorted()
  const loaded = await importFiles(
    files.map((file) => join(project.root, 'modules', file)),
    project,
  )
  const found: Documented[] = []
  for (const [index, file] of files.entries()) {
    const each = loaded[index]
    if (each?.status === 'rejected') throw each.reason
    for (const module of Object.values(each?.value ?? {}).flatMap((value) => usedBy(value) ?? [])) {
      const name = file.slice(0, -'.ts'.length).replaceAll(sep, '/')
      if (module.name !== name) {
        throw new ConfigError(`modules/${name}.ts exports a module named “${module.name}”`, {
          hint: `a module is named as its file: ${name}`,
        })
      }
      found.push(module)
    }
  }
  return found
}

/** The definition behind a callable module; nothing for whatever else a file exports. */
function usedBy(value: unknown): Documented | undefined {
  if (typeof value !== 'function' || !('uses' in value)) return undefined
  const { uses } = value
  if (typeof uses !== 'object' || uses === null || !('kind' in uses)) return undefined
  return uses.kind === 'module' || uses.kind === 'action' ? (uses as Documented) : undefined
}

function findModule(name: string, modules: readonly Documented[]): Documented {
  const found = modules.find((one) => one.name === name)
  if (found !== undefined) return found
  const nearest = nearestName(
    name,
    modules.map((one) => one.name),
  )
  throw new UsageError(`there is no module “${name}”`, {
    hint: nearest === undefined ? 'modules/README.md lists them all' : `did you mean “${nearest}”?`,
  })
}
