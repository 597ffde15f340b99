import type { PropertyReader } from '../property.ts'
import type { MoRef } from '../schema/values.ts'
import type { TaskStand } from '../standstill.ts'

/** A task that an object is busy with. */
export interface RunningTask extends TaskStand {
  /** Who has started it; undefined where it was no user. */
  readonly userName: string | undefined
}

/** A task that works on one of some virtual machines just now; undefined where none does. */
export async function readRunningTask(
  properties: PropertyReader,
  machines: readonly MoRef[],
): Promise<RunningTask | undefined> {
  const way = { from: machines, via: [{ type: 'VirtualMachine', path: 'recentTask' }] } as const
  const tasks = await properties.list('Task', way, ['info'])
  const running = tasks.find(({ values: { info } }) => info.state === 'running' || info.state === 'queued')
  if (running === undefined) return undefined
  const { key, state, reason, progress: percent } = running.values.info
  const { userName } = reason as { readonly userName?: string }
  return { key, state, percent, userName }
}
