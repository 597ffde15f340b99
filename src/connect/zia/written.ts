import type { Replaced } from './replacement.ts'
import type { ZiaFields, ZiaKind, ZiaObjects } from './resource.ts'
import { isSameValue, listUnlike } from './same-value.ts'

type Overlay<K extends ZiaKind> = (current: ZiaObjects[K]) => ZiaFields<K>

/** What a session has written and not activated yet. */
export interface Written {
  /** Remembers an object that was made; it may be in no list yet. */
  made(kind: ZiaKind, id: number, name: string): void
  idOf(kind: ZiaKind, name: string): number | undefined
  /** Remembers a replacement, as the latest of its object's. */
  replaced<K extends ZiaKind>(kind: K, id: number, change: Laying<K>): void
  isLatest(kind: ZiaKind, id: number, replaced: Replaced): boolean
  forget(kind: ZiaKind, id: number): void
  /** Everything was activated. */
  clear(): void
  kinds(): readonly ZiaKind[]
  /** What of this kind is gone, or was undone by somebody's save: `current` is the whole list. */
  listLost<K extends ZiaKind>(kind: K, current: readonly ZiaObjects[K][]): readonly Lost<K>[]
}

/** What was laid over an object, and what came of it. */
export interface Laying<K extends ZiaKind> {
  readonly overlay: Overlay<K>
  readonly replaced: Replaced
}

/** An object that is not as it was written. */
export interface Lost<K extends ZiaKind> extends Pick<Laying<K>, 'overlay'> {
  readonly id: number
  /** As it is now; nothing where it is gone. */
  readonly found: ZiaObjects[K] | undefined
  readonly keys: readonly string[]
}

interface Entry {
  readonly overlay?: Overlay<ZiaKind>
  /** What its fields were before the first replacement. */
  readonly before: Readonly<Record<string, unknown>>
  readonly latest?: Replaced
}

/**
 * The fields of ours that a save has undone: they are as they were before, as by a form in the portal that was opened
 * before our edit; or a list that others write to as well lacks our part. Any other value somebody has meant.
 */
export function listUndone<K extends ZiaKind>(
  current: ZiaObjects[K],
  { overlay, before }: Pick<Laying<K>, 'overlay'> & Pick<Replaced, 'before'>,
): readonly string[] {
  const laid = overlay(current)
  const now = new Map<string, unknown>(Object.entries(current))
  return listUnlike(current, laid).filter(
    (key) => Array.isArray(laid[key]) || isSameValue(now.get(key), before[key]),
  )
}

/** Makes a record with nothing in it. */
export function createWritten(): Written {
  const kept = new Map<ZiaKind, Map<number, Entry>>()
  const named = new Map<string, number>()
  const entryOf = (kind: ZiaKind, id: number): Entry | undefined => kept.get(kind)?.get(id)

  function keep(kind: ZiaKind, id: number, entry: Entry): void {
    kept.set(kind, (kept.get(kind) ?? new Map<number, Entry>()).set(id, entry))
  }

  return {
    made(kind, id, name) {
      named.set(`${kind} ${name}`, id)
      if (entryOf(kind, id) === undefined) keep(kind, id, { before: {} })
    },
    idOf: (kind, name) => named.get(`${kind} ${name}`),
    replaced(kind, id, { overlay, replaced }) {
      const known = entryOf(kind, id)
      const earlier = known?.overlay
      // Several targets may have written the same object, each its own part of it.
      const both = (current: ZiaObjects[ZiaKind]): ZiaFields<ZiaKind> => {
        const first = earlier?.(current) ?? {}
        return { ...first, ...overlay({ ...current, ...first }) }
      }
      keep(kind, id, { overlay: both, before: { ...replaced.before, ...known?.before }, latest: replaced })
    },
    isLatest: (kind, id, replaced) => entryOf(kind, id)?.latest === replaced,
    forget(kind, id) {
      kept.get(kind)?.delete(id)
      for (const [name, other] of named) if (other === id && name.startsWith(`${kind} `)) named.delete(name)
    },
    clear: () => kept.clear(),
    kinds: () => [...kept].flatMap(([kind, objects]) => (objects.size > 0 ? [kind] : [])),
    listLost<K extends ZiaKind>(kind: K, current: readonly ZiaObjects[K][]) {
      const byId = new Map(current.map((object) => [object.id, object]))
      return [...(kept.get(kind) ?? [])].flatMap(
        ([id, { overlay = () => ({}), before }]): readonly Lost<K>[] => {
          const found = byId.get(id)
          const keys = found === undefined ? [] : listUndone(found, { overlay, before })
          return found !== undefined && keys.length === 0 ? [] : [{ id, found, keys, overlay }]
        },
      )
    },
  }
}
