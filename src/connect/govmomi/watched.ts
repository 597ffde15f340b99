import type { Collector } from './collector.ts'
import { VimError } from './error.ts'
import { hintOf } from './fault-hint.ts'
import type { ObjectName } from './schema/objects.ts'
import type { AnyValue, MoRef, Value } from './schema/values.ts'

/** The latest values of the properties that are watched, by path; what is not set is not there. */
export type Seen = ReadonlyMap<string, AnyValue | undefined>

/** What to watch, and for how long. */
export interface Watch {
  readonly type: ObjectName
  readonly ref: MoRef
  readonly paths: readonly string[]
  readonly signal: AbortSignal
  /** Called with every change; the watch ends when it returns true, and fails when it throws. */
  readonly until: (seen: Seen) => boolean
}

/** One watch under way: what was seen, and how it ended. */
export interface Watched {
  readonly watch: Watch
  /** The collector that its filter is on, or may be on. */
  on: Collector | undefined
  /** Its filter, once the server has said so. */
  filter: MoRef | undefined
  /** Resolves when the watch has what it waits for; rejects when that cannot come any more, or its signal is aborted. */
  readonly ended: Promise<void>
  readonly take: (update: Value<'ObjectUpdate'>) => void
  readonly fail: (error: unknown) => void
  /** Stops listening to the signal. */
  close(): void
}

function note(seen: Map<string, AnyValue | undefined>, { name, op, val }: Value<'PropertyChange'>): void {
  if (val !== undefined && op !== 'remove' && op !== 'indirectRemove') {
    seen.set(name, val)
    return
  }
  // Servers send an empty text with what is removed. It is not there any more, and nothing that was inside it.
  for (const path of seen.keys()) if (path === name || path.startsWith(`${name}.`)) seen.delete(path)
}

function refuseHidden(id: string, missing: readonly Value<'MissingProperty'>[]): void {
  for (const { path, fault } of missing) {
    // Others go by themselves: a lease has no information before it is ready.
    if (fault.fault.$type !== 'NoPermission') continue
    const { localizedMessage: message = '', fault: detail } = fault
    throw new VimError('fault', `${id} does not show its ${path}: ${message}`, {
      hint: hintOf({ type: 'NoPermission', message, detail }),
    })
  }
}

/** Makes a watch that has seen nothing yet. */
export function createWatched(watch: Watch): Watched {
  const { type, ref, signal, until } = watch
  const seen = new Map<string, AnyValue | undefined>()
  const end: { resolve: () => void; reject: (error: unknown) => void } = {
    resolve: () => undefined,
    reject: () => undefined,
  }
  const ended = new Promise<void>((resolve, reject) => Object.assign(end, { resolve, reject }))
  // Whoever waits for it hears of it; it may fail before anybody does.
  ended.catch(() => undefined)
  let isOver = false
  const finish = (error?: unknown): void => {
    isOver = true
    if (error === undefined) end.resolve()
    else end.reject(error)
  }
  const stop = (): void => finish(signal.reason)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  return {
    watch,
    on: undefined,
    filter: undefined,
    ended,
    fail: finish,
    take({ kind, changeSet, missingSet }) {
      if (isOver) return
      try {
        if (kind === 'leave') throw new VimError('not-found', `${type} ${ref.value} is gone`)
        refuseHidden(ref.value, missingSet)
        for (const change of changeSet) note(seen, change)
        if (until(seen)) finish()
      } catch (error) {
        finish(error)
      }
    },
    close: () => signal.removeEventListener('abort', stop),
  }
}
