import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { UsageError } from '../../model/error.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import type { NewInvocation } from '../invocation.ts'
import type { ScaffoldFile } from '../scaffold/scaffold-file.ts'
import { scaffoldInventory } from '../scaffold/scaffold-inventory.ts'
import { constantOf, scaffoldModule } from '../scaffold/scaffold-module.ts'
import { scaffoldRunbook } from '../scaffold/scaffold-runbook.ts'

const WORD = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*'

/** What the names of each kind look like, and one that does. */
const KINDS = {
  module: { pattern: new RegExp(`^${WORD}/${WORD}$`), example: 'vzen/banner', scaffold: scaffoldModule },
  runbook: {
    pattern: new RegExp(`^(?:${WORD}/)*${WORD}$`),
    example: 'replace-node',
    scaffold: scaffoldRunbook,
  },
  inventory: { pattern: new RegExp(`^${WORD}$`), example: 'acme', scaffold: scaffoldInventory },
} as const

/** What TypeScript reserves, and what a new module uses itself. */
const TAKEN = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static ' +
    'super switch this throw true try typeof var void while with yield eval arguments undefined ' +
    'z defineModule readFile writeFile describe expect test uses'
  ).split(' '),
)

/** Writes files to start from, and tells where. */
export async function writeNew(invocation: NewInvocation): Promise<ExitCode> {
  const written = await writeScaffold(invocation, { root: findProject(process.cwd()).root })
  console.log(written.map((path) => `wrote ${path}`).join('\n'))
  return 0
}

/** The files for a name. Throws where the name cannot be one. */
export function planScaffold({ kind, name }: NewInvocation): readonly ScaffoldFile[] {
  const { pattern, example, scaffold } = KINDS[kind]
  if (kind === 'module' && TAKEN.has(constantOf(name))) {
    throw new UsageError(`a module named ${name} would be the constant ${constantOf(name)}, which is taken`, {
      hint: `two words make a better name: runbook new module ${name}-text`,
    })
  }
  if (pattern.test(name)) return scaffold(name)
  throw new UsageError(`${JSON.stringify(name)} cannot be the name of a new ${kind}`, {
    hint: `lower-case words joined by hyphens, for example: runbook new ${kind} ${example}`,
  })
}

/** Writes the files for a name into a project and returns their paths. Where one of them exists, none is written. */
export async function writeScaffold(
  invocation: NewInvocation,
  { root }: { readonly root: string },
): Promise<readonly string[]> {
  const files = planScaffold(invocation)
  for (const { path } of files) refuseExisting(path, { exists: existsSync(join(root, path)) })
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      refuseExisting(path, { exists: cause.code === 'EEXIST' })
      throw cause
    })
  }
  return files.map(({ path }) => path)
}

function refuseExisting(path: string, { exists }: { readonly exists: boolean }): void {
  if (exists)
    throw new UsageError(`${path} exists already`, { hint: 'choose another name, or remove it first' })
}
