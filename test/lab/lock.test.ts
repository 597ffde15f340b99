import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { lockLab } from '../../src/lab/lock.ts'

describe('the lock of the lab', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('keeps a second process out while the first one lives', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    await writeFile(join(folder, 'lock'), String(child.pid))
    await expect(lockLab(folder)).rejects.toThrowError(`the lab is in use by process ${child.pid}`)
    child.kill('SIGKILL')
    await once(child, 'close')
    // What a killed process leaves behind is taken over.
    const lock = await lockLab(folder)
    await lock.release()
  })

  it('can be taken again once it was released', async () => {
    await (await lockLab(folder)).release()
    await expect(lockLab(folder)).resolves.toBeDefined()
  })

  it('is not held up by a damaged file', async () => {
    await writeFile(join(folder, 'lock'), 'nobody')
    await expect(lockLab(folder)).resolves.toBeDefined()
  })
})
