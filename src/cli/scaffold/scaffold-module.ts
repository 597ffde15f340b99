import { withoutMargin } from './margin.ts'
import type { ScaffoldFile } from './scaffold-file.ts'

/** `vzen/delay-upgrade` as the name of a constant: `delayUpgrade`. */
export function constantOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  return last.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A module that works as it is, keeping the text of a local file, and its test: something to change, not to complete. */
export function scaffoldModule(name: string): readonly ScaffoldFile[] {
  const constant = constantOf(name)
  return [
    { path: `modules/${name}.ts`, text: moduleText(name, constant) },
    { path: `test/modules/${name}.test.ts`, text: testText(name, constant) },
  ]
}

function moduleText(name: string, constant: string): string {
  return withoutMargin(`
    |import { readFile, writeFile } from 'node:fs/promises'
    |
    |import { z } from 'zod'
    |
    |import { defineModule, type Change } from '#sdk'
    |
    |/** What the file says; nothing where there is none. */
    |interface Facts {
    |  readonly text: string | null
    |}
    |
    |/** Keeps the text of a local file. Keep the order of the members: types are inferred from \`read\` to \`diff\`. */
    |export const ${constant} = defineModule({
    |  name: '${name}',
    |  summary: 'A local file has this text',
    |  connection: 'none',
    |  params: z.strictObject({
    |    path: z.string().min(1).meta({ description: 'absolute path of the file' }),
    |    text: z.string().meta({ description: 'what it is to say' }),
    |  }),
    |
    |  async read({ params, signal }): Promise<Facts> {
    |    const text = await readFile(params.path, { encoding: 'utf8', signal }).catch(
    |      (cause: NodeJS.ErrnoException) => {
    |        if (cause.code === 'ENOENT') return null
    |        throw cause
    |      },
    |    )
    |    return { text }
    |  },
    |
    |  diff(facts, { text }): readonly Change[] {
    |    return facts.text === text ? [] : [{ path: 'text', from: facts.text ?? undefined, to: text }]
    |  },
    |
    |  async apply({ params, signal }) {
    |    await writeFile(params.path, params.text, { signal })
    |  },
    |})
  `)
}

function testText(name: string, constant: string): string {
  return withoutMargin(`
    |import { describe, expect, test } from 'vitest'
    |
    |import { ${constant} } from '#modules/${name}'
    |
    |const { uses } = ${constant}
    |
    |describe('${name}', () => {
    |  test.each([
    |    ['absent', null, 'hello', [{ path: 'text', to: 'hello' }]],
    |    ['different', 'hallo', 'hello', [{ path: 'text', from: 'hallo', to: 'hello' }]],
    |    ['as wanted', 'hello', 'hello', []],
    |    ['odd but as wanted', '\\u0000 “ß” \\n', '\\u0000 “ß” \\n', []],
    |  ])('finds what is %s', (...[, is, wanted, changes]) => {
    |    expect(uses.diff({ text: is }, { path: '/a', text: wanted })).toEqual(changes)
    |  })
    |
    |  test('refuses a param that it does not know', () => {
    |    expect(uses.params.safeParse({ path: '/a', text: '', color: 'red' }).success).toBe(false)
    |  })
    |})
  `)
}
