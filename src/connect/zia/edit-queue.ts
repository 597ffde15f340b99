import { untilAborted } from '../deadline.ts'
import type { ZiaKind } from './resource.ts'
import type { ZiaUse } from './session.ts'

/** Runs edits one after the other: a tenant has one edit lock, and a lost race for it costs half a minute. */
export interface EditQueue {
  /** Makes an edit when its turn comes. One that has begun is never cut off by those that wait. */
  run<T>(kind: ZiaKind | 'status', edit: () => Promise<T>, use: ZiaUse): Promise<T>
  /** How many edits of a kind wait for their turn or are under way. */
  count(kind: ZiaKind): number
}

/** Makes an edit queue with nothing in it. */
export function createEditQueue(): EditQueue {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const counts = new Map<string, number>()
  const add = (kind: string, by: 1 | -1): void => void counts.set(kind, (counts.get(kind) ?? 0) + by)
  return {
    async run(kind, edit, use) {
      const before = last
      let pass = (): void => {}
      last = new Promise<void>((resolve) => (pass = resolve))
      if (waiting > 0)
        use.waiting?.(`its turn: ${waiting} ${waiting === 1 ? 'edit' : 'edits'} of this tenant before it`)
      waiting += 1
      add(kind, 1)
      try {
        await untilAborted(before, use.signal)
        return await edit()
      } finally {
        waiting -= 1
        add(kind, -1)
        void before.then(pass)
      }
    },
    count: (kind) => counts.get(kind) ?? 0,
  }
}
