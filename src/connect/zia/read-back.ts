import type { Clock } from '../../model/clock.ts'
import { untilAborted } from '../deadline.ts'
import type { EditQueue } from './edit-queue.ts'
import { readObject, readPages, type ReaderParts } from './reader.ts'
import { RESOURCES, type ZiaKind, type ZiaObjects } from './resource.ts'
import type { ZiaUse } from './session.ts'

/** Reads objects after they were written: one list serves all that were written at about the same time. */
export interface ReadBack {
  /** An object as it is now, read after the call began; the shared list has it, too. */
  read<K extends ZiaKind>(kind: K, id: number, use: ZiaUse): Promise<ZiaObjects[K]>
}

/** What a read-back works with. */
export interface ReadBackParts extends ReaderParts {
  readonly clock: Clock
  readonly queue: EditQueue
}

interface Round {
  readonly ids: Set<number>
  readonly done: Promise<ReadonlyMap<number, ZiaObjects[ZiaKind]>>
}

/** How long the first of a round waits for others to join, and how often it looks whether any are to come. */
const GATHER = { within: 60_000, every: 1000 }

/** Makes a read-back. GET and POST have the same quota: reading each object by itself would slow a large rollout down. */
export function createReadBack(parts: ReadBackParts): ReadBack {
  const { clock, queue, lists, shared, call } = parts
  const open = new Map<ZiaKind, Round>()
  const latest = new Map<ZiaKind, Promise<unknown>>()

  async function gather(kind: ZiaKind): Promise<void> {
    const until = clock.now() + GATHER.within
    while (queue.count(kind) > 0 && clock.now() < until) {
      await clock.sleep(GATHER.every, { signal: shared.signal })
    }
  }

  async function readRound(kind: ZiaKind, ids: ReadonlySet<number>): Round['done'] {
    const before = latest.get(kind)
    // A list that was asked for earlier must not arrive later.
    await before?.catch(() => {})
    await gather(kind)
    open.delete(kind)
    const pages = Math.ceil((lists.size(kind) ?? 0) / RESOURCES[kind].pageSize)
    if (ids.size > Math.max(1, pages)) {
      const objects = await readPages({ kind, call, use: shared })
      lists.set(kind, objects)
      return new Map(objects.map((object) => [object.id, object]))
    }
    const found = new Map<number, ZiaObjects[ZiaKind]>()
    for (const id of ids) {
      const object = await readObject({ kind, id, call, use: shared })
      lists.put(kind, object)
      found.set(id, object)
    }
    return found
  }

  function join(kind: ZiaKind, id: number): Round {
    const known = open.get(kind)
    if (known !== undefined) {
      known.ids.add(id)
      return known
    }
    const ids = new Set([id])
    const done = readRound(kind, ids)
    const round = { ids, done }
    open.set(kind, round)
    latest.set(kind, done)
    done.catch(() => {
      if (open.get(kind) === round) open.delete(kind)
    })
    return round
  }

  return {
    async read<K extends ZiaKind>(kind: K, id: number, use: ZiaUse) {
      const found = (await untilAborted(join(kind, id).done, use.signal)).get(id)
      // Lists leave some objects out, such as sublocations.
      return found === undefined ? readObject({ kind, id, call, use }) : found
    },
  }
}
