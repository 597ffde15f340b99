import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { build } from 'esbuild'

import type { TestProject } from './project.ts'

/** A built engine in a process of its own, as an installed `runbook` has it: no test runner between it and Node. */
export interface BuiltEngine {
  /**
   * Runs the body of an async function in a new process, with `load` (everything of `src/load/`), `sdk` and `project` in
   * scope; resolves to what it returns, and to the URLs of all modules that were loaded meanwhile.
   */
  run(body: string): Promise<{ readonly value: unknown; readonly modules: readonly string[] }>
}

const HOOKS = `
import { appendFileSync } from 'node:fs'
export async function load(url, context, next) {
  appendFileSync(process.env.MODULES, url + '\\n')
  return next(url, context)
}`

/** Builds the loaders and the sdk the way the project's own build does. */
export async function buildEngine(project: TestProject): Promise<BuiltEngine> {
  const outdir = join(project.state, 'engine')
  const entry = join(project.state, 'load.ts')
  const rooms = ['import-file', 'load-inventory', 'load-runbook']
  await writeFile(
    entry,
    rooms.map((room) => `export * from '${join(project.root, 'src/load', room)}.ts'\n`).join(''),
  )
  await build({
    entryPoints: { load: entry, sdk: join(project.root, 'src/sdk.ts') },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  })
  const hooks = join(outdir, 'hooks.mjs')
  await writeFile(hooks, HOOKS)
  const sdk = pathToFileURL(join(outdir, 'sdk.js')).href
  let count = 0

  return {
    async run(body) {
      const trace = join(outdir, `modules-${++count}.txt`)
      const script = join(outdir, `script-${count}.mjs`)
      const given = { root: project.root, sdk, version: project.version, state: project.state }
      await writeFile(trace, '')
      await writeFile(
        script,
        `import { register } from 'node:module'
         register(${JSON.stringify(pathToFileURL(hooks).href)})
         const load = await import('./load.js')
         const sdk = await import('./sdk.js')
         const project = ${JSON.stringify(given)}
         const value = await (async () => { ${body} })().catch((error) => ({ error: error.constructor.name, message: error.message, hint: error.hint }))
         process.stdout.write(JSON.stringify(value ?? null))`,
      )
      const output = await new Promise<string>((done, fail) => {
        const options = { env: { ...process.env, MODULES: trace }, cwd: project.root, timeout: 30_000 }
        execFile(process.execPath, [script], options, (error, stdout) =>
          error === null ? done(stdout) : fail(error),
        )
      })
      const modules = (await readFile(trace, 'utf8')).split('\n').filter((url) => url !== '')
      return { value: JSON.parse(output) as unknown, modules }
    },
  }
}
