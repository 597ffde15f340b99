import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { ModuleError } from '../model/error.ts'

/** The right to change the lab's state; one process at a time has it. */
export interface LabLock {
  release(): Promise<void>
}

/** Takes the lock of the lab in a folder. Throws while another living process has it; a dead one's is taken over. */
export async function lockLab(folder: string): Promise<LabLock> {
  const path = join(folder, 'lock')
  await mkdir(folder, { recursive: true })
  for (let takeovers = 0; ; takeovers += 1) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return { release: () => rm(path, { force: true }) }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    }
    // The lock of a process that was killed stays behind.
    const owner = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
    if (takeovers > 2 || (owner !== process.pid && isAlive(owner))) {
      throw new ModuleError(`the lab is in use by process ${owner}`, {
        hint: 'wait until it has ended, or end it',
      })
    }
    await rm(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    // A process of somebody else's may not be signalled, but lives.
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
