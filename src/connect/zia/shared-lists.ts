import type { Clock } from '../../model/clock.ts'
import { untilAborted } from '../deadline.ts'
import type { ZiaKind, ZiaObjects } from './resource.ts'

/** The lists of a tenant that many callers read at about the same time. */
export interface SharedLists {
  /** The list of a kind: the latest, where it is young enough, or the one that `load` is reading for everybody. */
  read<K extends ZiaKind>(kind: K, options: Read<K>): Promise<readonly ZiaObjects[K][]>
  /** Lays an object that was just read back into the list, so that the list need not be read again. */
  put<K extends ZiaKind>(kind: K, object: ZiaObjects[K]): void
  /** Takes a list that was just read past this one. */
  set<K extends ZiaKind>(kind: K, objects: readonly ZiaObjects[K][]): void
  /** How many objects the latest list has, however old it is. */
  size(kind: ZiaKind): number | undefined
  /** Forgets a list: the next reader reads it anew. */
  drop(kind: ZiaKind): void
}

interface Read<K extends ZiaKind> {
  readonly load: () => Promise<readonly ZiaObjects[K][]>
  readonly signal: AbortSignal
}

interface Entry {
  readonly time: number
  readonly loading: Promise<readonly ZiaObjects[ZiaKind][]>
  /** There once the list is. */
  objects: ReadonlyMap<number, ZiaObjects[ZiaKind]> | undefined
}

/** How old a list may be: other administrators edit, too. */
const LIFE = 60_000

/** Keeps lists for a minute of the run's clock. */
export function createSharedLists({ clock }: { readonly clock: Clock }): SharedLists {
  const entries = new Map<ZiaKind, Entry>()

  function load(kind: ZiaKind, read: () => Promise<readonly ZiaObjects[ZiaKind][]>): Entry {
    const loading = read()
    const entry: Entry = { time: clock.now(), loading, objects: undefined }
    entries.set(kind, entry)
    loading.then(
      (objects) => (entry.objects = new Map(objects.map((object) => [object.id, object]))),
      () => {
        if (entries.get(kind) === entry) entries.delete(kind)
      },
    )
    return entry
  }

  return {
    async read<K extends ZiaKind>(kind: K, { load: read, signal }: Read<K>) {
      const known = entries.get(kind)
      const isYoung = known !== undefined && clock.now() - known.time < LIFE
      const entry = isYoung ? known : load(kind, read)
      const objects = entry.objects?.values() ?? (await untilAborted(entry.loading, signal))
      return [...objects] as readonly ZiaObjects[K][]
    },
    put(kind, object) {
      const entry = entries.get(kind)
      // A list still under way may or may not have it: nobody can tell, so the next reader asks again.
      if (entry?.objects === undefined) entries.delete(kind)
      else entry.objects = new Map(entry.objects).set(object.id, object)
    },
    set(kind, list) {
      const objects = new Map(list.map((object) => [object.id, object]))
      entries.set(kind, { time: clock.now(), loading: Promise.resolve(list), objects })
    },
    size: (kind) => entries.get(kind)?.objects?.size,
    drop(kind) {
      entries.delete(kind)
    },
  }
}
