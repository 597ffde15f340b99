import { ModuleError } from '../model/error.ts'
import type { Progress } from '../model/progress.ts'
import { isFault, VimError } from './govmomi/error.ts'
import { readMachine } from './govmomi/object/machine.ts'
import { readRunningTask, type RunningTask } from './govmomi/object/running-task.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import { createStandstill } from './govmomi/standstill.ts'
import { IMPORT_MARK } from './import-mark.ts'
import type { Ground } from './vsphere-ground.ts'

/** Seconds: a server removes the rests of an import when it has heard nothing of it for a lease's time-out. */
const LEASE_TIMEOUT = 360

const PAUSE = 10

/** How often a name may turn out to be taken. */
const ATTEMPTS = 3

/** What is to be removed, for messages, and who is told what is waited for. */
export interface Rests {
  readonly what: string
  readonly onProgress: (progress: Progress) => void
  /** What it is a copy of: the task of a copy is that of its source. */
  readonly source?: MoRef | undefined
}

const isGone = (error: unknown): boolean =>
  error instanceof VimError && (error.code === 'not-found' || error.fault?.type === 'ManagedObjectNotFound')

const describeTask = ({ userName, percent = 0 }: RunningTask): Progress => ({
  done: percent,
  total: 100,
  unit: 'percent',
  text: `waiting for ${userName ?? 'the server'}, whose task on it is under way`,
})

const describeWait = (refused: number): Progress => ({
  done: Math.floor((refused / LEASE_TIMEOUT) * 100),
  total: 100,
  unit: 'percent',
  text:
    refused === 0
      ? 'looking whether anybody goes on with an interrupted import'
      : 'waiting until the server lets go of an interrupted import',
})

/** Destroys what is left; gives why the server does not let it, where it may be otherwise in a moment. */
async function destroy(
  { session, signal, runTask }: Ground,
  self: MoRef,
  what: string,
): Promise<VimError | undefined> {
  try {
    await runTask(await session.call('Destroy_Task', { self, args: {}, signal }), `removing ${what}`)
    return undefined
  } catch (error) {
    if (!(error instanceof VimError) || error.code !== 'fault') throw error
    if (isGone(error) || isFault(error, 'NoPermission')) throw error
    return error
  }
}

function giveUp({ address: { host } }: Ground['session'], what: string, cause: VimError): ModuleError {
  return new ModuleError(
    `${what} is half imported, and ${host} does not let it be removed: ${cause.message}`,
    {
      hint: 'look in its recent tasks whether somebody’s import of it is still under way; run again when it is over',
      cause,
    },
  )
}

// One that hangs, as a backup may, is for a person to end.
function standsStill(what: string, { userName, percent }: RunningTask, ms: number): ModuleError {
  const hours = Math.round(ms / 3_600_000)
  const where = percent === undefined ? '' : ` at ${percent} %`
  return new ModuleError(
    `${what} is half made, and a task of ${userName ?? 'the server'} on it, or on what it is a copy of, has stood still${where} for ${hours === 1 ? 'an hour' : `${hours} hours`}`,
    { hint: 'look at the recent tasks of the server, cancel it, and run again' },
  )
}

/**
 * Removes what an import or a copy of ours has left that did not come to its end, and nothing that somebody still works on. For as
 * long as a task is under way on it, that is waited for: a server ends an import that nobody goes on with by itself. One that is
 * left alone is looked at twice, because a run that is through with its upload has the marking still before it, and a copy gets
 * its marks late. Gives false where it has come to its end meanwhile, or is none of ours.
 */
export async function removeRests(
  ground: Ground,
  rests: MoRef,
  { what, source, onProgress }: Rests,
): Promise<boolean> {
  const { session, properties, signal } = ground
  const busy = source === undefined ? [rests] : [rests, source]
  const look = async () => Promise.all([readMachine(properties, rests), readRunningTask(properties, busy)])
  let wasIdle = false
  const judge = createStandstill()
  for (let refused = 0; ;) {
    try {
      const [{ settings, power }, task] = await look()
      const still = judge(task, PAUSE * 1000)
      const mark = settings[IMPORT_MARK]
      const isIdle = task === undefined && wasIdle
      if (mark === 'done' || (mark !== 'importing' && isIdle)) return false
      if (mark === 'importing' && power !== 'poweredOff') {
        throw new ModuleError(`${what} is half imported, but it is on`, {
          hint: 'find out who switched it on; remove it, and run again',
        })
      }
      if (isIdle) {
        const refusal = await destroy(ground, rests, what)
        if (refusal === undefined) return true
        if (refused >= LEASE_TIMEOUT) throw giveUp(session, what, refusal)
        refused += PAUSE
      }
      if (task !== undefined && still !== undefined) throw standsStill(what, task, still)
      wasIdle = task === undefined
      onProgress(task === undefined ? describeWait(refused) : describeTask(task))
    } catch (error) {
      if (isGone(error)) return true
      throw error
    }
    await session.sleep(PAUSE * 1000, { signal })
  }
}

/**
 * Makes a machine whose name may be taken by what a run has begun and not ended, as where that was killed while its copy was being
 * made. That is removed as rests are, and the machine made again; one of somebody else stays where it is.
 */
export async function makeUnlessTwin(
  ground: Ground,
  rests: Rests,
  make: () => Promise<MoRef>,
): Promise<MoRef> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await make()
    } catch (error) {
      const twin = isFault(error, 'DuplicateName') ? twinOf(error) : undefined
      if (twin === undefined || attempt === ATTEMPTS) throw error
      if (await removeRests(ground, twin, rests)) continue
      const { settings } = await readMachine(ground.properties, twin)
      throw settings[IMPORT_MARK] === 'done' ? finishedBySomebody(rests.what) : error
    }
  }
}

function twinOf({ fault }: VimError): MoRef | undefined {
  const { object } = (fault?.detail ?? {}) as { readonly object?: MoRef }
  return object?.type === 'VirtualMachine' ? object : undefined
}

/** Another run was quicker. */
export function finishedBySomebody(what: string): ModuleError {
  return new ModuleError(`${what} was finished by somebody else meanwhile`, { hint: 'run again' })
}
