import { untilAborted } from './abortable.ts'
import type { ZiaUse } from './session.ts'

/** Runs edits one after the other: a tenant has one edit lock, and a lost race for it costs half a minute. */
export type EditQueue = <T>(edit: () => Promise<T>, use: ZiaUse) => Promise<T>

/** Makes an edit queue. An edit that has begun is never cut off by the ones that wait. */
export function createEditQueue(): EditQueue {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return async (edit, use) => {
    const before = last
    let pass = (): void => {}
    last = new Promise<void>((resolve) => (pass = resolve))
    if (waiting > 0)
      use.waiting?.(`its turn: ${waiting} ${waiting === 1 ? 'edit' : 'edits'} of this tenant before it`)
    waiting += 1
    try {
      await untilAborted(before, use.signal)
      return await edit()
    } finally {
      waiting -= 1
      void before.then(pass)
    }
  }
}
