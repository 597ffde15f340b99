import { RESOURCES, type ZiaKind, type ZiaObjects } from './resource.ts'
import { isSameValue } from './same-value.ts'

type Thing = ZiaObjects[ZiaKind]

/** What somebody else has changed since a session began to edit, as far as what it reads anyway shows. */
export interface ForeignChanges {
  /** Takes a list as it was when nothing was edited yet. */
  begin(kind: ZiaKind, objects: readonly Thing[]): void
  /** Compares an object, before it is replaced, with what was known of it. */
  saw(kind: ZiaKind, object: Thing): void
  /** The session has made, replaced or removed an object: what the server makes of it is nobody else's doing. */
  wrote(kind: ZiaKind, id: number): void
  /** Reads an object that was written; as it comes back it is known, unless it was written once more meanwhile. */
  readBack<K extends ZiaKind>(kind: K, id: number, read: () => Promise<ZiaObjects[K]>): Promise<ZiaObjects[K]>
  /** Compares a whole list with what was known of it. */
  compare(kind: ZiaKind, objects: readonly Thing[]): void
  /** Every change found so far, in words. */
  list(): readonly string[]
  /** What comes next is compared with lists that are yet to be taken. */
  clear(): void
}

/** What is known of the objects of a kind. */
interface Known {
  /** By id; one that was written and did not come back yet is not known. */
  readonly objects: Map<number, Thing | undefined>
  /** The fields that the list has of any of them: an object by itself may have others. */
  readonly fields: ReadonlySet<string>
  /** By id, how often it was written. */
  readonly writes: Map<number, number>
}

/** Makes a comparison with nothing known yet. */
export function createForeignChanges(): ForeignChanges {
  const known = new Map<ZiaKind, Known>()
  const found = new Set<string>()

  function note(kind: ZiaKind, { name }: Thing, what: string): void {
    found.add(`the ${RESOURCES[kind].noun} “${name}” (${what})`)
  }

  function saw(kind: ZiaKind, object: Thing): void {
    const of = known.get(kind)
    const before = of?.objects.get(object.id)
    of?.objects.set(object.id, object)
    if (of === undefined || before === undefined) return
    const keys = listChanged(kind, before, object).filter((key) => of.fields.has(key))
    if (keys.length > 0) note(kind, object, keys.join(', '))
  }

  return {
    begin(kind, objects) {
      if (known.has(kind)) return
      known.set(kind, {
        objects: new Map(objects.map((object) => [object.id, object])),
        fields: new Set(objects.flatMap((object) => Object.keys(object))),
        writes: new Map(),
      })
    },
    saw,
    wrote(kind, id) {
      const of = known.get(kind)
      of?.objects.set(id, undefined)
      of?.writes.set(id, (of.writes.get(id) ?? 0) + 1)
    },
    async readBack(kind, id, read) {
      const writes = known.get(kind)?.writes.get(id)
      const object = await read()
      const of = known.get(kind)
      if (of?.writes.get(id) === writes) of?.objects.set(id, object)
      return object
    },
    compare(kind, objects) {
      const before = known.get(kind)?.objects
      if (before === undefined) return
      const ids = new Set(objects.map(({ id }) => id))
      for (const [id, object] of before) {
        if (object === undefined || ids.has(id)) continue
        note(kind, object, 'removed')
        before.delete(id)
      }
      for (const object of objects) {
        if (!before.has(object.id)) note(kind, object, 'new')
        saw(kind, object)
      }
    },
    list: () => [...found],
    clear() {
      known.clear()
      found.clear()
    },
  }
}

/** The fields that an object has and in which it differs; what the server computes and a rule's place move by themselves. */
function listChanged(kind: ZiaKind, before: object, now: object): readonly string[] {
  const had = new Map<string, unknown>(Object.entries(before))
  const { owned } = RESOURCES[kind]
  return Object.entries(now).flatMap(([key, value]) =>
    key === 'order' || owned.includes(key) || isSameValue(had.get(key), value) ? [] : [key],
  )
}
