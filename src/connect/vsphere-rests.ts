import { ModuleError } from '../model/error.ts'
import type { Progress } from '../model/progress.ts'
import { isFault, VimError } from './govmomi/error.ts'
import { readMachine } from './govmomi/object/machine.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import { IMPORT_MARK } from './import-mark.ts'
import type { Ground } from './vsphere-ground.ts'

/** Seconds: a server removes the rests of an import when it has heard nothing of it for a lease's time-out. */
const LEASE_TIMEOUT = 360

const PAUSE = 10

const isGone = (error: unknown): boolean =>
  error instanceof VimError && (error.code === 'not-found' || error.fault?.type === 'ManagedObjectNotFound')

/**
 * Removes what an import of ours has left that did not come to its end. Until its lease has timed out, a server may hold on
 * to it; then it removes it by itself. Gives false where somebody else has brought it to its end meanwhile.
 */
export async function removeRests(
  ground: Ground,
  rests: MoRef,
  { what, onProgress }: { readonly what: string; readonly onProgress: (progress: Progress) => void },
): Promise<boolean> {
  const tell = (seconds: number): void =>
    onProgress({
      done: Math.floor((seconds / LEASE_TIMEOUT) * 100),
      total: 100,
      unit: 'percent',
      text: 'waiting until the server lets go of an interrupted import',
    })
  const { session, properties, signal, runTask } = ground
  for (let waited = 0; ; waited += PAUSE) {
    try {
      const { settings, power } = await readMachine(properties, rests)
      if (settings[IMPORT_MARK] !== 'importing') return false
      if (power !== 'poweredOff') {
        throw new ModuleError(`${what} is half imported, but it is on`, {
          hint: 'find out who switched it on; remove it, and run again',
        })
      }
      const task = await session.call('Destroy_Task', { self: rests, args: {}, signal })
      await runTask(task, `removing ${what}`)
      return true
    } catch (error) {
      if (isGone(error)) return true
      const isFinal = error instanceof ModuleError || isFault(error, 'NoPermission') || signal.aborted
      if (isFinal || waited >= LEASE_TIMEOUT) throw error
      tell(waited)
    }
    await session.sleep(PAUSE * 1000, { signal })
  }
}
