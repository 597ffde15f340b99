import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { lockFolder } from '../../src/state/lock.ts'

describe('the lock of a folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('keeps a second process out while the first one lives', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    await writeFile(join(folder, 'lock'), String(child.pid))
    await expect(lockFolder(folder, { what: 'the lab' })).rejects.toThrowError(
      `the lab is in use by process ${child.pid}`,
    )
    child.kill('SIGKILL')
    await once(child, 'close')
    // What a killed process leaves behind is taken over.
    const lock = await lockFolder(folder, { what: 'the lab' })
    await lock.release()
  })

  it('waits for a process that is about to end', async () => {
    const path = join(folder, 'lock')
    const script = `require('fs').writeFileSync(${JSON.stringify(path)}, String(process.pid)); setTimeout(() => {}, 400)`
    const child = spawn(process.execPath, ['-e', script])
    const gone = once(child, 'close')
    while (!(await readdir(folder)).includes('lock')) await turn()
    const lock = await lockFolder(folder, { what: 'the lab' })
    await gone
    expect(await readFile(path, 'utf8')).toBe(String(process.pid))
    await lock.release()
  })

  it('takes over from a process that was killed and that its parent has not noticed yet', async () => {
    // A shell that never asks what became of its child.
    const parent = spawn('sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'])
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    process.kill(pid, 'SIGKILL')
    await writeFile(join(folder, 'lock'), String(pid))
    const lock = await lockFolder(folder, { what: 'the lab' })
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(String(process.pid))
    await lock.release()
    parent.kill('SIGKILL')
    await once(parent, 'close')
  })

  it('is taken over by one of many that ask at the same time', async () => {
    await writeFile(join(folder, 'lock'), '999999999')
    const engine = join(folder, 'lock.mjs')
    const entry = fileURLToPath(new URL('../../src/state/lock.ts', import.meta.url))
    await build({ entryPoints: [entry], outfile: engine, bundle: true, platform: 'node', format: 'esm' })
    const script = `import(${JSON.stringify(engine)}).then(({ lockFolder }) => lockFolder(${JSON.stringify(folder)}, { what: 'the lab' }))
      .then(() => { console.log('mine'); setInterval(() => {}, 1000) }, () => console.log('refused'))`
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', script]))
    const answers = await Promise.all(
      children.map(async (child) => String(((await once(child.stdout, 'data')) as [Buffer])[0]).trim()),
    )
    for (const child of children) child.kill('SIGKILL')
    expect(answers.toSorted()).toEqual(['mine', 'refused', 'refused', 'refused'])
  }, 20_000)

  it('can be taken again once it was released', async () => {
    await (await lockFolder(folder, { what: 'the lab' })).release()
    await expect(lockFolder(folder, { what: 'the lab' })).resolves.toBeDefined()
  })

  it('is not held up by a damaged file', async () => {
    await writeFile(join(folder, 'lock'), 'nobody')
    await expect(lockFolder(folder, { what: 'the lab' })).resolves.toBeDefined()
  })
})
