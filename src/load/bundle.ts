import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { BuildFailure, BuildOptions, Message, Plugin } from 'esbuild'

import { ConfigError } from '../model/error.ts'
import type { Issue } from '../model/issue.ts'
import { renderPath, renderPlace } from './place.ts'
import type { Project } from './project.ts'

/** Files and everything of the project's that they import, as one ES module. */
export interface Bundle {
  readonly code: string
  /** Source map whose sources are absolute URLs. */
  readonly map: string
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[]
}

/** The imports that a project's files share, also for a file that lies elsewhere. */
function projectImports({ root, sdk }: Project): Plugin {
  return {
    name: 'project-imports',
    setup(build) {
      // The engine stays outside, so that a loaded file and the engine mean the same `Secret`.
      build.onResolve({ filter: /^(#sdk|runbook)$/ }, () => ({ path: sdk, external: true }))
      build.onResolve({ filter: /^#(modules|inventory)\// }, ({ path }) => {
        const file = join(root, `${path.slice(1)}.ts`)
        return existsSync(file)
          ? { path: file }
          : { errors: [{ text: `there is no ${renderPath(file)}, which “${path}” means` }] }
      })
      build.onResolve({ filter: /^\.{1,2}\/(.*\/)?src\// }, ({ path, resolveDir }) =>
        resolve(resolveDir, path).startsWith(join(root, 'src/'))
          ? { errors: [{ text: `“${path}” is inside the engine; import “#sdk” instead` }] }
          : undefined,
      )
    },
  }
}

function issueOf({ text, location }: Message, root: string): Issue {
  if (location === null) return { path: '', message: text }
  return { path: '', message: text, file: resolve(root, location.file), line: location.line }
}

function explainFailure(path: string, { root, cause }: { root: string; cause: BuildFailure }): ConfigError {
  const issues = cause.errors.map((message) => issueOf(message, root))
  const [first] = issues
  const place = first?.file === undefined ? renderPath(path) : renderPlace(first.file, first.line)
  return new ConfigError(`${place}: ${first?.message ?? 'the file cannot be read as TypeScript'}`, {
    hint: 'correct the line; an editor marks the same place',
    issues: issues.length > 1 ? issues : [],
  })
}

/** A file as it is, or several as a module that exports each as `file0`, `file1` and so on. */
function entryOf(paths: readonly string[], root: string): Pick<BuildOptions, 'entryPoints' | 'stdin'> {
  const [path] = paths
  if (path !== undefined && paths.length === 1) return { entryPoints: [path] }
  const contents = paths
    .map((each, index) => `export * as file${index} from ${JSON.stringify(each)}\n`)
    .join('')
  return { stdin: { contents, resolveDir: root } }
}

/**
 * Bundles TypeScript or JavaScript files; what several share is in it once. Throws a `ConfigError` with file and line
 * where one of them cannot be read.
 */
export async function bundleFiles(paths: readonly string[], project: Project): Promise<Bundle> {
  const { build } = await import('esbuild')
  const { root } = project
  const outfile = join(project.state, 'cache', 'bundle.mjs')
  const result = await build({
    ...entryOf(paths, root),
    outfile,
    absWorkingDir: root,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'silent',
    // What a file means must not depend on a tsconfig.json somewhere above it.
    tsconfigRaw: {},
    plugins: [projectImports(project)],
  }).catch((cause: unknown) => {
    if (cause instanceof Error && 'errors' in cause) {
      throw explainFailure(paths[0] ?? root, { root, cause: cause as BuildFailure })
    }
    throw cause
  })
  const textOf = (suffix: string): string =>
    result.outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? ''
  const map = JSON.parse(textOf('.map')) as { sources: readonly string[] }
  // Relative sources would be shown relative to the cache.
  const sources = map.sources.map((source) => pathToFileURL(resolve(dirname(outfile), source)).href)
  return {
    code: textOf('.mjs'),
    map: JSON.stringify({ ...map, sources }),
    inputs: Object.keys(result.metafile.inputs).flatMap((input) =>
      input === '<stdin>' ? [] : resolve(root, input),
    ),
  }
}
