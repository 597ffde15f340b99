import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory of the repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** One exported declaration. */
export interface ExportedName {
  readonly name: string
  readonly line: number
  readonly documented: boolean
}

/** One source file, as far as the rules of the house look at it. */
export interface Source {
  /** From the root of the repository, with slashes: `src/model/error.ts`. */
  readonly path: string
  /** Its lines, with those empty that hold nothing but blanks or comment; index 0 is line 1. */
  readonly code: readonly string[]
  /** What it imports or re-exports from: a path from the root for files of the repository, else the name as written. */
  readonly imports: readonly string[]
  readonly exports: readonly ExportedName[]
}

const FROM = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/gm
const BARE = /^\s*import\s*'([^']+)'/gm
const CALL = /\bimport\(\s*'([^']+)'\s*\)/g
const DECLARED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) ([\w$]+)/

/** Empties the lines of comments. Comments in this repository begin a line or are rules' exceptions behind code. */
function blankComments(lines: readonly string[]): readonly string[] {
  let inside = false
  return lines.map((line) => {
    const text = line.trim()
    const begins = !inside && text.startsWith('/*')
    const isComment = inside || begins || text.startsWith('//')
    if (inside || begins) inside = !text.includes('*/')
    return isComment || text === '' ? '' : line
  })
}

function resolveImport(from: string, path: string): string {
  if (from === '#sdk') return 'src/sdk.ts'
  if (from.startsWith('#')) return `${from.slice(1)}.ts`
  return from.startsWith('.') ? posix.normalize(`${dirname(path)}/${from}`) : from
}

function readExports(lines: readonly string[]): readonly ExportedName[] {
  const found: ExportedName[] = []
  for (const [index, line] of lines.entries()) {
    const name = DECLARED.exec(line)?.[1]
    if (name === undefined) continue
    const above = lines[index - 1]?.trimEnd() ?? ''
    // The further signatures of an overloaded function share the first one's comment.
    const overload = found.some((other) => other.name === name && other.documented)
    found.push({ name, line: index + 1, documented: above.endsWith('*/') || overload })
  }
  return found
}

function readSource(path: string): Source {
  const lines = readFileSync(join(ROOT, path), 'utf8').split(/\r?\n/)
  const code = blankComments(lines)
  const text = code.join('\n')
  const written = [FROM, BARE, CALL].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, from = '']) => from),
  )
  return {
    path,
    code,
    imports: [...new Set(written.map((from) => resolveImport(from, path)))],
    exports: readExports(lines),
  }
}

/** Every file below these folders, from the root of the repository, sorted. Folders that do not exist have none. */
export function listFiles(folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => {
      try {
        return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      } catch {
        return []
      }
    })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(ROOT, `${entry.parentPath}/${entry.name}`))
    .sort()
}

/** Every TypeScript file below these folders. */
export function readSources(folders: readonly string[]): readonly Source[] {
  return listFiles(folders)
    .filter((path) => path.endsWith('.ts'))
    .map(readSource)
}
