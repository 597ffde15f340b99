import { VimError } from './error.ts'
import { describeFault, hintOf, TASK_HINT } from './fault-hint.ts'
import { createPropertyReader } from './property.ts'
import type { AnyValue, MoRef, Value } from './schema/values.ts'
import type { Session } from './session.ts'
import { createStandstill } from './standstill.ts'
import type { Watcher } from './watch.ts'

/** How to wait for a task. */
export interface TaskWait {
  readonly signal: AbortSignal
  /** What the task does, for the message when it fails: `PowerOnVM_Task of /FRA/vm/edge01`. */
  readonly what: string
  /** Told the percentage as the server counts it. */
  readonly onProgress?: ((percent: number) => void) | undefined
}

/** Turns what a task or a lease ended in into an error. */
export function toFaultError(error: Value<'LocalizedMethodFault'> | undefined, what: string): VimError {
  const type = error?.fault.$type ?? ''
  const fault = { type, message: error?.localizedMessage ?? '', detail: error?.fault ?? { faultMessage: [] } }
  return new VimError('fault', `${what} failed: ${describeFault(fault)}`, {
    hint: hintOf(fault) ?? TASK_HINT,
    fault,
  })
}

/** Milliseconds after which a task of which nothing was heard is looked at. */
const SILENCE = 60 * 60_000

interface Server {
  readonly session: Session
  readonly watcher: Watcher
}

// A server may forget a task that it never began, or wait for something that never comes. Rejects when the task has stood still
// for too long; whether it has ended, or cannot be read any more, the watch says.
async function refuseStandstill(
  { session }: Server,
  task: MoRef,
  { signal, what }: TaskWait,
): Promise<never> {
  const collector = session.content.propertyCollector
  const properties = createPropertyReader(session, { collector, signal })
  const judge = createStandstill()
  for (;;) {
    await session.sleep(SILENCE, { signal })
    const found = await properties.get('Task', task, ['info']).catch(() => undefined)
    const { key = '', state = '', progress: percent } = found?.info ?? {}
    const isUnderWay = state === 'running' || state === 'queued'
    const still = judge(isUnderWay ? { key, state, percent } : undefined, SILENCE)
    if (still === undefined) continue
    throw new VimError('stalled', `${what} has stood still for ${still / 60_000} minutes`, {
      hint: 'look at the recent tasks of the server: something holds it up there; it was told to cancel this one',
    })
  }
}

/**
 * Waits until a task has ended, and gives its result. Throws its fault as a `VimError`. Where the signal is aborted first, or
 * the task stands still, it is cancelled if it can be, so that nothing goes on behind our back.
 */
export async function waitForTask(
  server: Server,
  task: MoRef,
  { signal, what, onProgress }: TaskWait,
): Promise<AnyValue | undefined> {
  const { session, watcher } = server
  let error: Value<'LocalizedMethodFault'> | undefined
  let result: AnyValue | undefined
  let state: AnyValue | undefined
  let isCancelable = true
  const over = new AbortController()
  const lifetime = AbortSignal.any([signal, over.signal])
  const watching = watcher.watch({
    type: 'Task',
    ref: task,
    paths: ['info.state', 'info.progress', 'info.error', 'info.result', 'info.cancelable'],
    signal: lifetime,
    until(seen) {
      state = seen.get('info.state')
      error = seen.get('info.error') as typeof error
      result = seen.get('info.result')
      isCancelable = seen.get('info.cancelable') !== false
      const progress = seen.get('info.progress')
      if (typeof progress === 'number') onProgress?.(progress)
      return state === 'success' || state === 'error'
    },
  })
  const standstill = refuseStandstill(server, task, { signal: lifetime, what })
  try {
    await Promise.race([watching, standstill])
  } catch (cause) {
    const isStopped = signal.aborted || (cause instanceof VimError && cause.code === 'stalled')
    if (isStopped && isCancelable && state !== 'success' && state !== 'error') {
      const late = AbortSignal.timeout(5000)
      await session.call('CancelTask', { self: task, args: {}, signal: late }).catch(() => undefined)
    }
    signal.throwIfAborted()
    throw cause
  } finally {
    over.abort()
    await Promise.allSettled([watching, standstill])
  }
  if (state === 'error') throw toFaultError(error, what)
  return result
}
