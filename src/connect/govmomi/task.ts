import { VimError } from './error.ts'
import { describeFault, hintOf, TASK_HINT } from './fault-hint.ts'
import type { AnyValue, MoRef, Value } from './schema/values.ts'
import type { Session } from './session.ts'
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

/**
 * Waits until a task has ended, and gives its result. Throws its fault as a `VimError`. Where the signal is aborted first,
 * the task is cancelled if it can be, so that nothing goes on behind our back.
 */
export async function waitForTask(
  { session, watcher }: { readonly session: Session; readonly watcher: Watcher },
  task: MoRef,
  { signal, what, onProgress }: TaskWait,
): Promise<AnyValue | undefined> {
  let error: Value<'LocalizedMethodFault'> | undefined
  let result: AnyValue | undefined
  let state: AnyValue | undefined
  let isCancelable = true
  try {
    await watcher.watch({
      type: 'Task',
      ref: task,
      paths: ['info.state', 'info.progress', 'info.error', 'info.result', 'info.cancelable'],
      signal,
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
  } catch (cause) {
    if (signal.aborted && isCancelable && state !== 'success' && state !== 'error') {
      const late = AbortSignal.timeout(5000)
      await session.call('CancelTask', { self: task, args: {}, signal: late }).catch(() => undefined)
    }
    throw cause
  }
  if (state === 'error') throw toFaultError(error, what)
  return result
}
