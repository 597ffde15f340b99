import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll } from 'vitest'

import type { Project } from '../../../src/load/project.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')

/** This project with a state folder of the test's own, gone afterwards, and a folder to write files into. */
export interface TestProject extends Project {
  /** Absolute folder for the test's own files. */
  readonly folder: string
  /** Writes a file below `folder`; returns its absolute path. */
  write(name: string, text: string): Promise<string>
}

/** Makes one for the whole file. It lies inside the project, so that loaded files find its packages. */
export async function createTestProject(): Promise<TestProject> {
  await mkdir(join(ROOT, '.runbook'), { recursive: true })
  const state = await mkdtemp(join(ROOT, '.runbook', 'test-'))
  afterAll(() => rm(state, { recursive: true, force: true }))
  const folder = join(state, 'files')
  return {
    root: ROOT,
    sdk: new URL('../../../src/sdk.ts', import.meta.url).href,
    version: '0.0.0-test',
    state,
    folder,
    async write(name, text) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      return path
    },
  }
}
