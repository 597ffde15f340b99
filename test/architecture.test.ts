import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { objects } from '../src/connect/govmomi/schema/objects.ts'
import { listFiles, readSources, ROOT } from './support/source-tree.ts'
import type { Source } from './support/source-tree.ts'

// The rules of the house that a machine can hold. An empty list of offenders is what every test wants.

const CONTENT = ['modules', 'inventory', 'runbooks'] as const
const sources = readSources(['src', ...CONTENT])
const inSrc = sources.filter(({ path }) => path.startsWith('src/'))
const inModules = sources.filter(({ path }) => path.startsWith('modules/'))

/** What each room of `src` may import from beside itself. `cli` puts everything together. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'src/model/': [],
  'src/shell/': ['src/model/'],
  'src/state/': ['src/model/'],
  'src/load/': ['src/model/', 'src/state/'],
  'src/plan/': ['src/model/'],
  'src/connect/': ['src/model/', 'src/shell/', 'src/state/'],
  'src/run/': ['src/model/', 'src/shell/', 'src/plan/', 'src/connect/', 'src/state/'],
  'src/report/': ['src/model/'],
  'src/lab/': ['src/model/', 'src/state/', 'src/connect/govmomi/'],
  'src/cli/': ['src/'],
  'src/sdk.ts': ['src/model/', 'src/shell/', 'src/connect/'],
  'modules/': ['src/sdk.ts'],
  'inventory/': ['src/sdk.ts'],
  'runbooks/': ['src/sdk.ts', 'modules/', 'inventory/schema/'],
}

/** Where alone a package may be imported. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  ssh2: ['src/connect/ssh/', 'src/lab/'],
  'ssh-config': ['src/connect/ssh/'],
  soap: ['src/connect/govmomi/'],
  undici: ['src/connect/zia/'],
  zx: ['src/connect/local.ts'],
  listr2: ['src/report/tree'],
  'p-limit': ['src/run/limit.ts'],
  esbuild: ['src/load/'],
  yaml: ['src/load/'],
  'age-encryption': ['src/load/'],
}

/** An error without a code or a hint. */
const NAMELESS = /\bthrow (?:new )?Error\(/

const room = (path: string): string | undefined =>
  Object.keys(ARROWS).find((prefix) => path.startsWith(prefix))
const isOurs = (name: string): boolean => /^(?:src|modules|inventory|runbooks)\//.test(name)
const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/')
const isPackage = (name: string): boolean => !isOurs(name) && !isBuiltin(name)

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name)
}

/** `path: what` for every import of these files that a rule refuses. */
function refuse(
  files: readonly Source[],
  isWrong: (from: string, path: string) => boolean,
): readonly string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((from) => isWrong(from, path)).map((from) => `${path} imports ${from}`),
  )
}

/** `path:line text` for every line of code that fits the pattern. */
function findLines(files: readonly Source[], pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, code }) =>
    code.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  )
}

/**
 * Whether a file is the lab's form of a managed object of vSphere, and carries its name. Those names (`OvfManager`,
 * `SearchIndex`) are the API's, and whoever knows the API looks for them; the list of them is its schema.
 */
function isManagedObject(path: string): boolean {
  const [, name] = /^src\/lab\/vcenter\/objects\/([a-z-]+)\.ts$/.exec(path) ?? []
  return name !== undefined && pascalCase(name) in objects
}

const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** One way round for every file that can reach itself. */
function findCycles(files: readonly Source[]): readonly string[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) cycles.push([...trail.slice(at), path].join(' → '))
    if (at !== -1 || done.has(path)) return
    for (const next of importsOf.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return cycles
}

describe('the arrows', () => {
  it('go one way: no room imports from one that stands above it', () => {
    const wrong = refuse(sources, (from, path) => {
      const own = room(path)
      if (own === undefined || !isOurs(from)) return false
      return ![own, ...(ARROWS[own] ?? [])].some((allowed) => from.startsWith(allowed))
    })
    expect(wrong).toEqual([])
  })

  it('leave no file outside of the rooms', () => {
    expect(sources.filter(({ path }) => room(path) === undefined).map(({ path }) => path)).toEqual([])
  })

  it('never lead from src into the content folders', () => {
    expect(refuse(inSrc, (from) => isOurs(from) && !from.startsWith('src/'))).toEqual([])
  })

  it('lead only to files that are there', () => {
    const paths = new Set(sources.map(({ path }) => path))
    expect(refuse(sources, (from) => isOurs(from) && !paths.has(from))).toEqual([])
  })

  it('make no circle', () => {
    expect(findCycles(sources)).toEqual([])
  })
})

describe('dependencies', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }

  it('come in through one door each', () => {
    const wrong = refuse(sources, (from, path) => {
      const doors = DOORS[packageOf(from)]
      return doors !== undefined && !doors.some((door) => path.startsWith(door))
    })
    expect(wrong).toEqual([])
  })

  it('are all declared, and builtin ones carry their prefix', () => {
    const wrong = refuse(sources, (from) => {
      if (isPackage(from)) return !(packageOf(from) in dependencies)
      return isBuiltin(from) && !from.startsWith('node:')
    })
    expect(wrong).toEqual([])
  })

  it('are pinned exactly', () => {
    const loose = Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    expect(loose).toEqual([])
  })
})

describe('files', () => {
  it('have at most 300 lines of code', () => {
    const long = sources.map(({ path, code }) => ({ path, lines: code.filter((line) => line !== '').length }))
    expect(long.filter(({ lines }) => lines > 300)).toEqual([])
  })

  it('and folders are named in kebab-case', () => {
    const wrong = listFiles(['src', ...CONTENT, 'test']).filter((path) =>
      path.split('/').some((part) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part)),
    )
    // A module's reference is read where the modules are.
    expect(wrong.filter((path) => !path.endsWith('/README.md'))).toEqual([])
  })

  it('are named after what they are, not after what everything is', () => {
    const vague = /(?:^|[/-])(?:manager|helpers?|service|data|infos?|utils?|misc|common|index)\.ts$/
    const wrong = inSrc.filter(({ path }) => vague.test(path) && !isManagedObject(path))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('pass nothing on: the sdk is the only barrel', () => {
    const barrels = sources.filter(({ path, code, imports }) => {
      const text = code.join('\n').replaceAll(/\bexport\b[^;'"]*?\bfrom\s*'[^']+'/g, '')
      return path !== 'src/sdk.ts' && imports.length > 1 && text.trim() === ''
    })
    expect(barrels.map(({ path }) => path)).toEqual([])
  })
})

describe('code', () => {
  it('exports by name, but for the files that the engine loads', () => {
    const named = sources.filter(({ path }) => !/^(?:runbooks|inventory)\/[^/]+\.ts$/.test(path))
    expect(findLines(named, /^\s*export (?:default\b|\{[^}]*\bas default\b)/)).toEqual([])
  })

  it('prints only in reporters and commands', () => {
    const quiet = sources.filter(({ path }) => !/^src\/(?:report|cli)\//.test(path))
    expect(findLines(quiet, /(?<![\w.])console\.(?:log|error|warn|info|debug|trace|table|dir)\b/)).toEqual([])
  })

  it('throws errors that say what to do next', () => {
    expect(findLines([...inSrc, ...inModules], NAMELESS)).toEqual([])
  })

  it('has no type any and no unfinished place', () => {
    expect(findLines(sources, /(?::|<|\bas|\|) any\b|<any>/)).toEqual([])
    const notes = sources.flatMap(({ path }) => {
      const text = readFileSync(join(ROOT, path), 'utf8')
      return /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text) ? [path] : []
    })
    expect(notes).toEqual([])
  })

  it('says of at least four fifths of its exports, in src and in modules, what they are', () => {
    for (const files of [inSrc, inModules]) {
      const all = files.flatMap(({ path, exports }) => exports.map((each) => ({ ...each, path })))
      const bare = all
        .filter(({ documented }) => !documented)
        .map(({ path, line, name }) => `${path}:${line} ${name}`)
      expect(bare.length <= all.length / 5 ? [] : bare).toEqual([])
    }
  })
})

describe('the rules themselves', () => {
  it('look at something', () => {
    expect(inSrc.length).toBeGreaterThan(50)
    expect(inSrc.flatMap(({ imports }) => imports).length).toBeGreaterThan(200)
    expect(inSrc.flatMap(({ exports }) => exports).length).toBeGreaterThan(100)
  })

  it('see a circle where there is one', () => {
    const file = (path: string, ...imports: readonly string[]): Source => ({
      path,
      imports,
      code: [],
      exports: [],
    })
    expect(findCycles([file('a', 'b'), file('b', 'c', 'd'), file('c', 'a'), file('d')])).toEqual([
      'a → b → c → a',
    ])
    expect(findCycles([file('a', 'b', 'c'), file('b', 'c'), file('c')])).toEqual([])
  })

  it('see what must not be written', () => {
    const file: Source = {
      path: 'x',
      imports: [],
      exports: [],
      code: ["throw new Error('x')", 'throw new ModuleError(x)'],
    }
    expect(findLines([file], NAMELESS)).toEqual(["x:1 throw new Error('x')"])
  })
})
