import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

import { ConfigError } from '../model/error.ts'
import type { Issue } from '../model/issue.ts'
import { isStillChecked, writeChecked } from './checked-types.ts'

/** What to check, and where the results of earlier checks are kept. */
export interface TypeCheck {
  /** Absolute paths of the TypeScript files that a run is made of, the ones they import included. */
  readonly files: readonly string[]
  /** The project whose TypeScript and tsconfig.json count. */
  readonly root: string
  readonly signal: AbortSignal
}

/** Types can be written out over pages. */
const LONGEST = 300

// Some are about no file: a package of types that is not there.
const ERROR_LINE = /^(?:(?<file>\S.*?)\((?<line>\d+),\d+\): )?error (?<code>TS\d+): (?<message>.*)$/

/**
 * Type-checks the files of a run where TypeScript is installed, and does nothing where it is not. What passed once is not
 * checked again until a file changes. Throws a `ConfigError` with every type error.
 */
export async function checkTypes({ files, root, signal }: TypeCheck): Promise<void> {
  const typed = files.filter((file) => /\.[cm]?ts$/.test(file)).toSorted()
  const compiler = findCompiler(root)
  if (compiler === undefined || typed.length === 0) return
  const cache = join(root, '.runbook', 'cache')
  const names = typed.map((file) => relative(root, file))
  const passed = join(cache, `types-${hashNames([...names, compiler])}`)
  if (await isStillChecked(passed, root)) return

  await mkdir(cache, { recursive: true })
  const config = `${passed}.tsconfig.json`
  const base = join(root, 'tsconfig.json')
  // What an editor greys out must not stop a run.
  const options = { noEmit: true, skipLibCheck: true, noUnusedLocals: false, noUnusedParameters: false }
  const inherited = (await exists(base)) ? { extends: base } : {}
  await writeFile(
    config,
    JSON.stringify({ ...inherited, compilerOptions: options, files: typed, include: [] }),
  )
  const { output, code } = await runCompiler({ compiler, config, root, signal })
  const issues = parseErrors(output, root)
  if (issues.length > 0) {
    throw new ConfigError(
      `the types do not fit in ${issues.length} ${issues.length === 1 ? 'place' : 'places'}`,
      {
        issues,
        hint: 'an editor with TypeScript shows the same',
      },
    )
  }
  // A compiler that does not work has found nothing, and has shown nothing either.
  if (code === 0)
    await writeChecked(passed, { root, files: [...new Set([...typed, ...parseListed(output)])] })
}

/** The native compiler's launcher, from the project's own dependencies. */
function findCompiler(root: string): string | undefined {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('typescript/package.json')
    return join(dirname(manifest), 'bin', 'tsc')
  } catch {
    return undefined
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function hashNames(files: readonly string[]): string {
  return createHash('sha256').update(files.join('\0')).digest('hex').slice(0, 32)
}

interface Compilation {
  readonly compiler: string
  readonly config: string
  readonly root: string
  readonly signal: AbortSignal
}

/** What a compiler printed, and how it ended. */
interface Compiled {
  readonly output: string
  readonly code: number | null
}

async function runCompiler({ compiler, config, root, signal }: Compilation): Promise<Compiled> {
  const options = ['--project', config, '--pretty', 'false', '--listFiles']
  const child = spawn(process.execPath, [compiler, ...options], {
    cwd: root,
    signal,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < 1_000_000) output += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => {
      // What the launcher has started may live on; nobody reads what it says any more.
      child.stdout.destroy()
      reject(error)
    })
    child.once('close', resolve)
  })
  return { output, code }
}

function parseErrors(output: string, root: string): readonly Issue[] {
  return output.split('\n').flatMap((text): readonly Issue[] => {
    const { file, line, code, message } = ERROR_LINE.exec(text)?.groups ?? {}
    if (message === undefined) return []
    const short = message.length > LONGEST ? `${message.slice(0, LONGEST)} …` : message
    const place = file === undefined ? {} : { file: relative(root, join(root, file)), line: Number(line) }
    return [{ path: '', ...place, message: `${short} (${code ?? ''})` }]
  })
}

/** The files of the project that the compiler says it has read; packages count by the compiler’s own path only. */
function parseListed(output: string): readonly string[] {
  const packages = `${sep}node_modules${sep}`
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => isAbsolute(line) && !line.includes(packages))
}
