import { rm } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { loadRunbook, loadRunbooks } from '../../src/load/load-runbook.ts'
import { ConfigError, UsageError } from '../../src/model/error.ts'
import { createTestProject } from './support/project.ts'

const here = await createTestProject()
// The test's own folder plays the project, so that its runbooks are the only ones.
const project = { ...here, root: here.folder }
const RUNBOOK = `
  import { defineRunbook } from '#sdk'
  export default defineRunbook({ name: 'x', levels: {}, rules: [], endpoints: () => ({}), lab: () => ({}) } as never, {
    name: 'deploy', summary: 'S', phases: () => [],
  })`

describe('a runbook', () => {
  it('is found by name, by the folder it is in, and by path', async () => {
    const file = await here.write('runbooks/deploy.ts', RUNBOOK)
    const deeper = await here.write('runbooks/vsphere/patch.ts', RUNBOOK)
    expect((await loadRunbooks(project)).map(({ name }) => name)).toEqual(['deploy', 'vsphere/patch'])
    expect(await loadRunbook('deploy', project)).toMatchObject({
      file,
      runbook: { kind: 'runbook', name: 'deploy' },
    })
    expect((await loadRunbook('vsphere/patch', project)).file).toBe(deeper)
    expect((await loadRunbook(file, project)).files).toEqual([file])
  })

  it('that cannot be loaded says so in the list of all, and the others are in it', async () => {
    await here.write('runbooks/deploy.ts', RUNBOOK)
    const broken = await here.write('runbooks/broken.ts', 'export default 1\n')
    const listed = await loadRunbooks(project)
    await rm(broken)
    expect(listed.find(({ name }) => name === 'deploy')?.runbook).toMatchObject({ summary: 'S' })
    expect(listed.find(({ name }) => name === 'broken')?.runbook).toBeInstanceOf(ConfigError)
  })

  it('that does not exist is told with the nearest name', async () => {
    await here.write('runbooks/deploy.ts', RUNBOOK)
    const refusal = loadRunbook('deplyo', project)
    await expect(refusal).rejects.toBeInstanceOf(UsageError)
    await expect(refusal).rejects.toMatchObject({ hint: 'did you mean “deploy”?' })
    await expect(loadRunbook('quite-another', project)).rejects.toMatchObject({
      hint: expect.stringContaining('deploy') as unknown,
    })
    await expect(loadRunbook('../runbooks/deploy', project)).rejects.toBeInstanceOf(UsageError)
    await expect(loadRunbook('nowhere/x.ts', project)).rejects.toBeInstanceOf(ConfigError)
  })

  it.each([
    ['nothing', 'export const runbook = 1\n'],
    ['an inventory', 'export default { kind: "inventory" }\n'],
    ['a function', 'export default () => 1\n'],
    ['null', 'export default null\n'],
  ])('that exports %s is refused', async (title, text) => {
    const file = await here.write(`bad/${title.replaceAll(' ', '-')}.ts`, text)
    const refusal = loadRunbook(file, project)
    await expect(refusal).rejects.toBeInstanceOf(ConfigError)
    await expect(refusal).rejects.toMatchObject({
      message: expect.stringContaining('does not export a runbook') as unknown,
      hint: expect.stringContaining('defineRunbook') as unknown,
    })
  })

  it('with keys that do not exist is refused, each named with phase, step and key', async () => {
    const file = await here.write(
      'bad/keys.ts',
      `import { defineRunbook } from '#sdk'
       const task = () => ({ uses: { kind: 'module' }, input: {} })
       const schema = { name: 'x', levels: {}, rules: [], endpoints: () => ({}), lab: () => ({}) }
       export default defineRunbook(schema as never, {
         name: 'keys', summary: 'S',
         phases: ({ phase }) => [phase({
           number: 7, name: 'Configure', per: 'node', rollling: { batch: 1 }, rolling: { batch: 1, maxFail: 2 },
           steps: ({ step, block }) => [
             step('The network', task, { retyr: { attempts: 2, delay: 1 } }),
             block('Careful', { steps: [step('Inner', task, { retry: { attempts: 2, dealy: 1 } })] }, { wen: () => true }),
           ],
         })],
       } as never)`,
    )
    const error = await loadRunbook(file, project).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).issues.map(({ path, hint = '' }) => `${path}: ${hint}`)).toEqual([
      '7 Configure › rollling: did you mean “rolling”?',
      expect.stringContaining('7 Configure › rolling › maxFail: did you mean “maxFailed”?'),
      '7 Configure › The network › retyr: did you mean “retry”?',
      '7 Configure › Careful › wen: did you mean “when”?',
      '7 Configure › Careful › Inner › retry › dealy: did you mean “delay”?',
    ])
  })
})
