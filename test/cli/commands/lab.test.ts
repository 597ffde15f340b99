import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { resetLab } from '../../../src/cli/commands/lab.ts'
import { createTestProject } from '../../load/support/project.ts'

const project = await createTestProject()

async function stateWith(name: string, files: readonly string[]): Promise<string> {
  const state = join(project.state, name)
  for (const file of files) {
    await mkdir(join(state, file, '..'), { recursive: true })
    await writeFile(join(state, file), '1')
  }
  return state
}

test('a reset forgets the lab and what was recorded about it, and nothing else', async () => {
  const state = await stateWith('used', [
    'lab/state/zia.json',
    'lab/files/vse.ova',
    'lab/ledger.json',
    'ledger.json',
    'runs/r1/journal.jsonl',
  ])
  await resetLab({ state })
  expect(await readdir(join(state, 'lab'))).toEqual([])
  expect((await readdir(state)).toSorted()).toEqual(['lab', 'ledger.json', 'runs'])
  expect(await readdir(join(state, 'runs'))).toEqual(['r1'])
})

test('a reset of a lab that never was is nothing special', async () => {
  await expect(resetLab({ state: join(project.state, 'never') })).resolves.toBeUndefined()
})

test('a lab in use is not reset', async () => {
  const state = await stateWith('busy', ['lab/state/zia.json'])
  // Process 1 lives on every machine.
  await writeFile(join(state, 'lab', 'lock'), '1')
  await expect(resetLab({ state })).rejects.toThrow('the lab is in use by process 1')
  expect(await readdir(join(state, 'lab', 'state'))).toEqual(['zia.json'])
})
