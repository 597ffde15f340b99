import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { findProgram } from './find-program.ts'
import { ROOT } from './source-tree.ts'

const vitest = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(
  /package\.json$/,
  'vitest.mjs',
)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(ROOT, 'node_modules', '.tests-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs these tests in a vitest of their own and gives what it prints and its exit code. */
async function run(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  const config = `import { closingLine } from '${ROOT}test/support/closing-line.ts'
    export default { test: { include: ['*.check.ts'], reporters: ['default', closingLine()] } }`
  const all = { ...files, 'vitest.config.ts': config }
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text)
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--root', folder], {
    encoding: 'utf8',
    env: { ...clean, NO_COLOR: '1', RUNBOOK_REQUIRE_SERVERS: '', ...env },
  })
  return { status, stdout, stderr }
}

const lastLine = (text: string): string | undefined => text.split('\n').at(-2)

const TESTS = `import { describe, it } from 'vitest'
  it('works', () => {})
  describe('more', () => {
    it('works, too', () => {})
    it('does not', () => { throw new Error('no') })
    it.skip('is left out')
    it.todo('comes later')
  })`

const WITH = `import { it } from 'vitest'
  import { describeWith } from '${ROOT}test/support/require-server.ts'
  describeWith('netsim', { find: () => undefined, howToGet: 'apt-get install netsim' }, () => it('runs', () => {}))
  describeWith('node', { find: () => process.execPath, howToGet: 'it runs this' }, (program) =>
    it('is there', () => { if (program !== process.execPath) throw new Error(program) }))`

describe('closingLine', () => {
  it('is the last line of a run, alone', async () => {
    const { status, stdout } = await run({ 'a.check.ts': TESTS })
    expect(lastLine(stdout)).toBe('2 passed, 1 failed, 2 skipped')
    expect(status).toBe(1)
  })

  it('counts a file that cannot be loaded, and an error outside of every test', async () => {
    const { stdout } = await run({
      'a.check.ts': `throw new Error('broken')`,
      'b.check.ts': `import { it } from 'vitest'
        it('works', () => { void Promise.reject(new Error('later')) })`,
    })
    expect(lastLine(stdout)).toBe('1 passed, 2 failed, 0 skipped')
  })
})

describe('describeWith', () => {
  it('skips where the program is missing, and says how to get it', async () => {
    const { status, stdout, stderr } = await run({ 'a.check.ts': WITH })
    expect(lastLine(stdout)).toBe('1 passed, 0 failed, 1 skipped')
    expect(stdout + stderr).toContain('netsim is not on this machine: apt-get install netsim')
    expect(status).toBe(0)
  })

  it('fails instead where every server is required', async () => {
    const { status, stdout } = await run({ 'a.check.ts': WITH }, { RUNBOOK_REQUIRE_SERVERS: '1' })
    expect(lastLine(stdout)).toBe('1 passed, 1 failed, 0 skipped')
    expect(status).toBe(1)
  })
})

describe('findProgram', () => {
  it('finds what can be run and nothing else', async () => {
    await writeFile(join(folder, 'tool'), '', { mode: 0o755 })
    await writeFile(join(folder, 'text'), '', { mode: 0o644 })
    expect(findProgram('tool', [folder])).toBe(join(folder, 'tool'))
    expect(findProgram('text', [folder])).toBeUndefined()
    expect(findProgram('sh')).toMatch(/\/sh$/)
    expect(findProgram('no-such-program')).toBeUndefined()
  })
})
