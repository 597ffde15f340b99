import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { planScaffold, writeScaffold } from '../../../src/cli/commands/new.ts'
import type { NewInvocation } from '../../../src/cli/invocation.ts'
import { loadInventory } from '../../../src/load/load-inventory.ts'
import { UsageError } from '../../../src/model/error.ts'
import { createTestProject } from '../../load/support/project.ts'

const project = await createTestProject()
const root = project.folder

const ask = (kind: NewInvocation['kind'], name: string): NewInvocation => ({ command: 'new', kind, name })

/** The schema stands where a new inventory looks for it. */
async function linkSchema(): Promise<void> {
  await mkdir(join(root, 'inventory'), { recursive: true })
  await symlink(join(project.root, 'inventory', 'schema'), join(root, 'inventory', 'schema')).catch(
    () => undefined,
  )
}

describe('new files', () => {
  test('are a module and its test', async () => {
    const paths = await writeScaffold(ask('module', 'vzen/delay-banner'), { root })
    expect(paths).toEqual(['modules/vzen/delay-banner.ts', 'test/modules/vzen/delay-banner.test.ts'])
    expect(await readFile(join(root, paths[0]!), 'utf8')).toContain(
      'export const delayBanner = defineModule({',
    )
  })

  test('are a runbook', async () => {
    expect(await writeScaffold(ask('runbook', 'vsphere/replace-node'), { root })).toEqual([
      'runbooks/vsphere/replace-node.ts',
    ])
  })

  test('are an inventory that passes every check', async () => {
    await linkSchema()
    const [path] = await writeScaffold(ask('inventory', 'acme'), { root })
    const { estate } = await loadInventory([join(root, path!)], { project })
    expect(estate.sites[0]?.clusters[0]?.nodes.map(({ name }) => name)).toEqual(['acme-1-a', 'acme-1-b'])
  })

  test('have the right types and are formatted', async () => {
    await linkSchema()
    const folder = join(root, 'typed')
    for (const invocation of [ask('module', 'a/b'), ask('runbook', 'c'), ask('inventory', 'd')]) {
      await writeScaffold(invocation, { root: folder })
    }
    const bin = join(project.root, 'node_modules', '.bin')
    const run = promisify(execFile)
    // The scratch folder is one that git, and with it the formatter, ignores; so the files go through its input.
    for (const file of ['runbooks/c.ts', 'modules/a/b.ts', 'test/modules/a/b.test.ts', 'inventory/d.ts']) {
      const text = await readFile(join(folder, file), 'utf8')
      const formatting = run(join(bin, 'oxfmt'), ['--stdin-filepath', file], { cwd: project.root })
      formatting.child.stdin?.end(text)
      expect((await formatting).stdout).toBe(text)
    }
    // The test of the module imports it by the project's own alias, which a scratch folder does not have.
    const files = ['runbooks/c.ts', 'modules/a/b.ts', 'inventory/d.ts'].map((path) => join(folder, path))
    await mkdir(join(folder, 'inventory'), { recursive: true })
    await symlink(join(project.root, 'inventory', 'schema'), join(folder, 'inventory', 'schema'))
    const tsconfig = { extends: join(project.root, 'tsconfig.json'), files, include: [] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    const checked = await run(join(bin, 'tsc'), ['-p', folder, '--pretty', 'false'], {
      cwd: project.root,
    }).catch((error: { readonly stdout: string }) => error)
    // What is wrong elsewhere is for others to find.
    expect(checked.stdout.split('\n').filter((line) => line.includes('/typed/'))).toEqual([])
  })
})

describe('nothing is written', () => {
  test('where one of the files exists', async () => {
    const taken = join(root, 'test/modules/file/taken.test.ts')
    await mkdir(dirname(taken), { recursive: true })
    await writeFile(taken, 'mine')
    await expect(writeScaffold(ask('module', 'file/taken'), { root })).rejects.toThrow(
      'test/modules/file/taken.test.ts exists already',
    )
    expect(await readFile(taken, 'utf8')).toBe('mine')
    await expect(readFile(join(root, 'modules/file/taken.ts'), 'utf8')).rejects.toThrow('ENOENT')
  })

  test.each([
    ['module', 'banner'],
    ['module', 'vzen/delete'],
    ['module', 'file/read-file'],
    ['module', 'a/b/c'],
    ['module', '../../etc/passwd'],
    ['module', 'vzen/Banner'],
    ['module', "vzen/b'); process.exit()"],
    ['runbook', '/absolute'],
    ['runbook', 'a//b'],
    ['runbook', ''],
    ['inventory', 'a/b'],
    ['inventory', '7up'],
    ['inventory', 'acme.ts'],
  ] as const)('for a %s named %j', (kind, name) => {
    expect(() => planScaffold(ask(kind, name))).toThrow(UsageError)
  })
})
