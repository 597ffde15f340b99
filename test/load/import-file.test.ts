import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { importFile, importFiles } from '../../src/load/import-file.ts'
import { Secret } from '../../src/model/secret.ts'
import { buildEngine } from './support/engine.ts'
import { createTestProject } from './support/project.ts'

const project = await createTestProject()
const engine = await buildEngine(project)
const cache = join(project.state, 'cache')

const cached = async (name: string): Promise<readonly string[]> =>
  (await readdir(cache)).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.mjs'))

describe('a loaded file', () => {
  it('shares the running engine: its secrets are the engine’s', async () => {
    const file = await project.write(
      'shared.ts',
      "import { secret } from '#sdk'\nexport const it = secret.env('X')\n",
    )
    const { exports } = await importFile(file, project)
    expect(exports['it']).toBeInstanceOf(Secret)
    const { value } = await engine.run(
      `const { exports } = await load.importFile(${JSON.stringify(file)}, project); return exports.it instanceof sdk.Secret`,
    )
    expect(value).toBe(true)
  })

  it('may use enums, namespaces, JSON, and files beside it', async () => {
    await project.write('beside.json', '{ "port": 8443 }')
    await project.write(
      'beside.ts',
      'export namespace Ports { export const vc = 443 }\nexport enum Kind { A = 7 }\n',
    )
    const file = await project.write(
      'rich.ts',
      "import json from './beside.json'\nimport { Kind, Ports } from './beside.ts'\nexport const sum = json.port + Ports.vc + Kind.A\n",
    )
    const { exports, files } = await importFile(file, project)
    expect(exports['sum']).toBe(8443 + 443 + 7)
    expect(files.map((path) => path.replace(`${project.folder}/`, '')).toSorted()).toEqual([
      'beside.json',
      'beside.ts',
      'rich.ts',
    ])
  })

  it('must not reach into the engine', async () => {
    const file = await project.write(
      'inside.ts',
      "import { Secret } from '../../../src/model/secret.ts'\nexport { Secret }\n",
    )
    await expect(importFile(file, project)).rejects.toThrow(/inside\.ts:1: .*import “#sdk” instead/)
  })
})

describe('the cache', () => {
  it('is read while nothing has changed, and a change anywhere is seen', async () => {
    await project.write('part.ts', 'export const value = 1\n')
    const file = await project.write(
      'whole.ts',
      "import { value } from './part.ts'\nexport const twice = 2 * value\n",
    )
    expect((await importFile(file, project)).exports['twice']).toBe(2)
    const [before] = await cached('whole.ts')
    expect((await importFile(file, project)).exports['twice']).toBe(2)
    await project.write('part.ts', 'export const value = 21\n')
    expect((await importFile(file, project)).exports['twice']).toBe(42)
    const after = await cached('whole.ts')
    expect(after).toHaveLength(1)
    expect(after[0]).not.toBe(before)
  })

  it('is made again where it is damaged, lost, or another engine’s', async () => {
    const file = await project.write('again.ts', 'export const value = 3\n')
    const load = async (version = project.version) =>
      (await importFile(file, { ...project, version })).exports['value']
    expect(await load()).toBe(3)
    const manifest =
      (await readdir(cache)).find((name) => name.startsWith('again.ts-') && name.endsWith('.json')) ?? ''
    await writeFile(join(cache, manifest), '{ "format": 1, ')
    expect(await load()).toBe(3)
    await writeFile(join(cache, manifest), '{ "format": 0, "output": "../../../etc/passwd", "inputs": {} }')
    expect(await load()).toBe(3)
    for (const name of await cached('again.ts')) await rm(join(cache, name))
    expect(await load()).toBe(3)
    expect(await cached('again.ts')).toHaveLength(1)
    expect(await load('another')).toBe(3)
  })

  it('serves several loads at once', async () => {
    const file = await project.write('atonce.ts', 'export const value = 4\n')
    const loaded = await Promise.all(Array.from({ length: 8 }, () => importFile(file, project)))
    expect(loaded.map(({ exports }) => exports['value'])).toEqual(Array.from({ length: 8 }, () => 4))
    expect((await readdir(cache)).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('holds no place of this machine but in its source map', async () => {
    const file = await project.write('place.ts', 'export const value = 5\n')
    await importFile(file, project)
    const [name = ''] = await cached('place.ts')
    expect(await readFile(join(cache, name), 'utf8')).not.toContain(project.folder)
  })
})

describe('several files', () => {
  it('share what they both import, and are read from the cache as one', async () => {
    await project.write('common.ts', 'export const common = { read: Math.random() }\n')
    const files = await Promise.all(
      ['left', 'right'].map((name) =>
        project.write(`${name}.ts`, `import { common } from './common.ts'\nexport const it = common\n`),
      ),
    )
    const [left, right] = await importFiles(files, project)
    const [again] = await importFiles(files, project)
    if (left?.status !== 'fulfilled' || right?.status !== 'fulfilled') throw new Error('neither was loaded')
    expect(left.value['it']).toBe(right.value['it'])
    expect(again).toEqual(left)
    expect(await cached('2-files')).toHaveLength(1)
  })

  it('may be one, or none', async () => {
    const only = await project.write('only.ts', 'export const value = 8\n')
    expect(await importFiles([only], project)).toMatchObject([{ value: { value: 8 } }])
    expect(await importFiles([], project)).toEqual([])
  })

  it('are loaded each by itself where one of them cannot be', async () => {
    const well = await project.write('well.ts', 'export const value = 6\n')
    const half = await project.write('half.ts', 'export const value =\n')
    const thrower = await project.write('thrower.ts', 'throw new Error("not today")\n')
    const loaded = await importFiles([well, half, thrower, join(project.folder, 'none.ts')], project)
    expect(loaded).toMatchObject([
      { status: 'fulfilled', value: { value: 6 } },
      { reason: { message: expect.stringMatching(/half\.ts:/) as unknown } },
      { reason: { message: expect.stringMatching(/not today/) as unknown } },
      { reason: { message: expect.stringMatching(/none\.ts/) as unknown } },
    ])
  })
})

describe('in a process of its own', () => {
  const refusal = async (file: string): Promise<unknown> =>
    (await engine.run(`await load.importFile(${JSON.stringify(file)}, project)`)).value

  it('a throw is told with the line in the user’s file', async () => {
    const file = await project.write(
      'throws.ts',
      'interface Moon {\n  readonly full: boolean\n}\n\nconst moon: Moon = { full: true }\nif (moon.full) throw new TypeError("the moon is full")\n',
    )
    expect(await refusal(file)).toMatchObject({
      error: 'ConfigError',
      message: expect.stringContaining('throws.ts:6: the moon is full') as unknown,
    })
  })

  it('a throw inside an imported file is told with that file, from the cache too', async () => {
    await project.write(
      'inner.ts',
      '\n\nexport function boom(): never {\n  throw new RangeError("too far")\n}\n',
    )
    const file = await project.write('outer.ts', "import { boom } from './inner.ts'\n\nboom()\n")
    for (const _ of ['cold', 'warm']) {
      expect(await refusal(file)).toMatchObject({
        message: expect.stringContaining('inner.ts:4: too far') as unknown,
      })
    }
  })

  it('an error of the engine’s keeps its hint, and names the line that caused it', async () => {
    const file = await project.write(
      'range.ts',
      "import { range } from '#sdk'\n\nexport const nodes = range('a[3:1]', () => 1)\n",
    )
    expect(await refusal(file)).toMatchObject({
      message: expect.stringMatching(/range\.ts:3: the range in a\[3:1\]/) as unknown,
      hint: expect.stringContaining('[1:3]') as unknown,
    })
  })

  it('a package that is missing and an export that is missing are told', async () => {
    const packageless = await project.write(
      'package.ts',
      "import x from 'no-such-package-here'\nexport const y = x\n",
    )
    expect(await refusal(packageless)).toMatchObject({ hint: 'npm install no-such-package-here' })
    const exportless = await project.write(
      'export.ts',
      "import { defineInventori } from '#sdk'\nexport const y = defineInventori\n",
    )
    expect(await refusal(exportless)).toMatchObject({
      message: expect.stringContaining('“defineInventori”') as unknown,
    })
  })

  it('a warm load brings in no bundler, and no load brings in what only a run needs', async () => {
    const load = () =>
      engine.run(
        `const { estate } = await load.loadInventory(['inventory/lab.ts'], { project }); return estate.sites.map(({ name }) => name)`,
      )
    const cold = await load()
    const warm = await load()
    expect(warm.value).toEqual(['lab'])
    const packages = (urls: readonly string[]): readonly string[] => [
      ...new Set(urls.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])),
    ]
    expect(packages(cold.modules).toSorted()).toEqual(['esbuild', 'zod'])
    expect(packages(warm.modules)).toEqual(['zod'])
  })
})
