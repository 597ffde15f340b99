import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { loadModules } from '../../../src/cli/commands/docs.ts'
import { renderReference } from '../../../src/cli/render/module-docs.ts'
import { scaffoldModule } from '../../../src/cli/scaffold/scaffold-module.ts'
import { createTestProject } from '../../load/support/project.ts'

const project = await createTestProject()

async function write(root: string, path: string, text: string): Promise<void> {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

test('the reference has every module that a file exports, and nothing else', async () => {
  const root = join(project.folder, 'good')
  for (const name of ['vzen/second', 'vzen/first']) {
    const [module] = scaffoldModule(name)
    await write(root, module!.path, module!.text)
  }
  await write(root, 'modules/vzen/part.ts', 'export const part = 1\nexport const call = () => part\n')
  const modules = await loadModules({ ...project, root })
  expect(modules.map(({ name }) => name)).toEqual(['vzen/first', 'vzen/second'])
  expect(renderReference(modules)).toContain('| `path` | string | required | absolute path of the file |')
})

test('a module that is not named as its file is an error that says so', async () => {
  const root = join(project.folder, 'bad')
  const [module] = scaffoldModule('vzen/other')
  await write(root, 'modules/vzen/mine.ts', module!.text)
  await expect(loadModules({ ...project, root })).rejects.toThrow(
    'modules/vzen/mine.ts exports a module named “vzen/other”',
  )
})

test('a project without modules has an empty reference', async () => {
  expect(await loadModules({ ...project, root: join(project.folder, 'none') })).toEqual([])
})
