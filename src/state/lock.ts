import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { ModuleError } from '../model/error.ts'
import { writeState } from './write-error.ts'

/** How long a process that is being killed may take to be gone, and how often it is looked at, in milliseconds. */
const DYING = { patience: 3000, every: 50 }

/** The right to change what is kept in a folder, or in a file; one process at a time has it. */
export interface Lock {
  release(): Promise<void>
}

/** Takes the lock of a folder, a file in it, as `lockAt` does. */
export async function lockFolder(folder: string, { what }: { readonly what: string }): Promise<Lock> {
  return lockAt(join(folder, 'lock'), { what })
}

/**
 * Takes the lock that a file stands for; `what` names what it is for, for messages. A dead process's lock is taken over; a
 * process that was only just killed still looks alive, so that its lock is waited for a little, and so is one that is kept
 * for a moment. Throws where a living process keeps it.
 */
export async function lockAt(path: string, { what }: { readonly what: string }): Promise<Lock> {
  await writeState(path, () => mkdir(dirname(path), { recursive: true }))
  const deadline = Date.now() + DYING.patience
  for (;;) {
    if (await writeState(path, () => takeLock(path))) return { release: () => rm(path, { force: true }) }
    const owner = await readOwner(path)
    if (owner === undefined) continue
    if (!(await isAlive(owner.pid))) await clearLock(path, owner.text)
    else if (Date.now() < deadline) await delay(DYING.every)
    else {
      throw new ModuleError(`${what} is in use by process ${owner.pid}`, {
        hint: `wait until it has ended, or end it; if it is no run of yours, remove ${path}`,
      })
    }
  }
}

/** Makes the lock with its owner in it at once, so that nobody ever reads one without. */
async function takeLock(path: string): Promise<boolean> {
  const own = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(own, String(process.pid))
  try {
    await link(own, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cause
  } finally {
    await rm(own, { force: true })
  }
}

/** Who has the lock; nothing where it has just been released. */
async function readOwner(path: string): Promise<{ readonly text: string; readonly pid: number } | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    return { text, pid: Number.parseInt(text, 10) }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

/** Removes the lock of a dead process; one that somebody else has taken over meanwhile is put back. */
async function clearLock(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== dead) await link(aside, path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw cause
  } finally {
    await rm(aside, { force: true })
  }
}

async function isAlive(pid: number): Promise<boolean> {
  // The lock of an earlier process with the same number, as in a container.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (cause) {
    // A process of somebody else's may not be signalled, but lives.
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
  return !(await isZombie(pid))
}

/** Whether a process has ended and only its parent has not noticed; Linux alone can tell. */
async function isZombie(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^ [ZX]/.test(status.slice(status.lastIndexOf(')') + 1))
}
