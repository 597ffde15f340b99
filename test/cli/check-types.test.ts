import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { checkTypes } from '../../src/load/check-types.ts'
import { ConfigError } from '../../src/model/error.ts'
import { ROOT } from '../support/source-tree.ts'

const OPTIONS = { strict: true, module: 'nodenext', types: [], noUnusedLocals: true }

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'types-'))
  await write('package.json', JSON.stringify({ type: 'module' }))
  await write('tsconfig.json', JSON.stringify({ compilerOptions: OPTIONS }))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(name: string, text: string): Promise<string> {
  const path = join(root, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return path
}

/** Gives the project the packages of this one, TypeScript among them. */
const install = (): Promise<void> => symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))

const check = (files: readonly string[], signal = new AbortController().signal): Promise<void> =>
  checkTypes({ files, root, signal })

async function issuesOf(work: Promise<void>): Promise<readonly string[]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).issues.map(({ file = '', line = 0, message }) => `${file}:${line} ${message}`)
}

const listPassed = async (): Promise<readonly string[]> =>
  (await readdir(join(root, '.runbook', 'cache')).catch(() => [])).filter((name) => /^types-\w+$/.test(name))

describe('the types of a run', () => {
  it('that do not fit are refused, every place with file, line and code', async () => {
    await install()
    const one = await write('runbooks/one.ts', `const count: number = 'four'\nexport default count\n`)
    const two = await write('runbooks/two.ts', `import one from './one.js'\n\nexport default one.nothing\n`)
    const work = check([one, two])
    await expect(work).rejects.toMatchObject({
      message: 'the types do not fit in 2 places',
      hint: expect.stringContaining('editor') as unknown,
    })
    expect(await issuesOf(work)).toEqual([
      `runbooks/one.ts:1 Type 'string' is not assignable to type 'number'. (TS2322)`,
      `runbooks/two.ts:3 Property 'nothing' does not exist on type 'number'. (TS2339)`,
    ])
    expect(await listPassed()).toEqual([])
  })

  it('of a file below a folder with brackets, blanks and parentheses in its name are placed, too', async () => {
    await install()
    const file = await write('our [old] runbooks (2)/one.ts', `export const count: number = 'four'\n`)
    expect(await issuesOf(check([file]))).toEqual([
      expect.stringContaining('our [old] runbooks (2)/one.ts:1 '),
    ])
  })

  it('are not explained over pages', async () => {
    await install()
    const keys = Array.from({ length: 200 }, (_, index) => `key${index}: ${index}`).join(', ')
    const file = await write(
      'long.ts',
      `export const text: { a: { ${keys.replaceAll(/\d+/g, (n) => n)} } } = { a: 1 }\n`,
    )
    const issues = await issuesOf(check([file]))
    expect(issues.length).toBeGreaterThan(0)
    for (const issue of issues) expect(issue.length).toBeLessThan(400)
  })

  it('that an editor only greys out stop nothing', async () => {
    await install()
    const file = await write('unused.ts', `const unused = 1\nexport default 2\n`)
    await expect(check([file])).resolves.toBeUndefined()
  })

  it('that passed once are not checked again until a file changes', async () => {
    await install()
    const file = await write('good.ts', `export const count: number = 4\n`)
    await check([file])
    const passed = await listPassed()
    expect(passed).toHaveLength(1)
    // Without a usable tsconfig.json a check that really ran would fail, or take other types.
    await write('tsconfig.json', '{ "compilerOptions": { "strict": "maybe" } }')
    await check([file])
    expect(await listPassed()).toEqual(passed)

    await write('tsconfig.json', JSON.stringify({ compilerOptions: OPTIONS }))
    await write('good.ts', `export const count: number = 'four'\n`)
    expect(await issuesOf(check([file]))).toHaveLength(1)
    expect(await listPassed()).toEqual(passed)
  })

  it('are checked again where a file changed that is imported for its types alone', async () => {
    await install()
    const shape = await write('shape.ts', `export interface Shape { readonly sides: number }\n`)
    const file = await write(
      'square.ts',
      `import type { Shape } from './shape.js'\nexport const square: Shape = { sides: 4 }\n`,
    )
    await check([file])
    await write('shape.ts', `export interface Shape { readonly corners: number }\n`)
    expect(await issuesOf(check([file]))).toEqual([expect.stringContaining('square.ts:2 ')])
    await rm(shape)
    expect(await issuesOf(check([file]))).toEqual([expect.stringContaining('square.ts:1 ')])
  })

  it('are not looked at where TypeScript is not installed', async () => {
    const file = await write('wrong.ts', `export const count: number = 'four'\n`)
    await expect(check([file])).resolves.toBeUndefined()
    expect(await readdir(root)).not.toContain('.runbook')
  })

  it('are not looked at where no file is TypeScript', async () => {
    await install()
    const files = [await write('a.js', 'export default 1\n'), await write('b.yaml', 'a: 1\n')]
    await expect(check(files)).resolves.toBeUndefined()
    expect(await listPassed()).toEqual([])
  })

  it('are no longer waited for once the run is interrupted', async () => {
    await install()
    const file = await write('good.ts', `export const count: number = 4\n`)
    const interrupt = new AbortController()
    const work = check([file], interrupt.signal)
    interrupt.abort()
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
    expect(await listPassed()).toEqual([])
  })

  it('that cannot be checked, for no file in particular, do not count as right', async () => {
    await install()
    await write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...OPTIONS, types: ['no-such-types'] } }),
    )
    const file = await write('good.ts', `export const count: number = 4\n`)
    expect(await issuesOf(check([file]))).toEqual([expect.stringContaining('no-such-types')])
    expect(await listPassed()).toEqual([])
  })

  it('are not believed to be right where the compiler does not work, and stop nothing', async () => {
    await write('node_modules/typescript/package.json', '{ "name": "typescript", "version": "7.0.0" }')
    await write('node_modules/typescript/bin/tsc', 'process.exitCode = 3\n')
    const file = await write('wrong.ts', `export const count: number = 'four'\n`)
    await expect(check([file])).resolves.toBeUndefined()
    expect(await listPassed()).toEqual([])
  })

  it('that a broken tsconfig.json keeps from being checked do not count as right', async () => {
    await install()
    await write('tsconfig.json', '{ "compilerOptions": { "strict": ')
    const file = await write('wrong.ts', `export const count: number = 'four'\n`)
    await expect(check([file])).rejects.toBeInstanceOf(ConfigError)
    expect(await listPassed()).toEqual([])
  })
})
