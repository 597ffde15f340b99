import type { Input, Value } from '../../../connect/govmomi/schema/values.ts'
import type { ManagedObject, Ref } from '../model/managed-object.ts'
import { MethodFault } from '../model/method-fault.ts'
import { renderProperty } from './read-property.ts'
import { selectObjects, selectPaths, type Lookup, type Selected } from './select.ts'

/** A filter of a collector: what was told of it, and what is to be told. */
export interface Filter {
  readonly ref: Ref<'PropertyFilter'>
  /** Takes note that an object changed, or the structure did. */
  notice(moid: string | undefined): void
  /** Forgets what was told, so that everything is told again. */
  reset(): void
  /** What is different from what was last told; `undefined` where nothing is. */
  takeUpdate(): Input<'PropertyFilterUpdate'> | undefined
}

interface Told {
  readonly object: ManagedObject
  readonly values: ReadonlyMap<string, string>
}

/** Makes a filter that has told nothing yet. Throws where its specification cannot be followed now. */
export function createFilter(
  ref: Ref<'PropertyFilter'>,
  { spec, lookup }: { readonly spec: Value<'PropertyFilterSpec'>; readonly lookup: Lookup },
): Filter {
  let selected: Selected = selectObjects(spec, lookup)
  for (const object of selected.objects) selectValues(spec, object)
  let told = new Map<string, Told>()
  let isDirty = true

  function reselect(): readonly ManagedObject[] {
    try {
      selected = selectObjects(spec, lookup)
      return selected.objects
    } catch (error) {
      // A starting point is gone: what was told of it leaves.
      if (error instanceof MethodFault) return []
      throw error
    }
  }

  return {
    ref,
    notice(moid) {
      isDirty ||= moid === undefined ? selected.traverses : selected.visited.has(moid)
    },
    reset() {
      told = new Map()
      isDirty = true
    },
    takeUpdate() {
      if (!isDirty) return undefined
      isDirty = false
      const now = new Map<string, Told>()
      for (const object of reselect()) {
        now.set(object.ref.value, { object, values: selectValues(spec, object) })
      }
      const objectSet = [
        ...[...now.values()].flatMap(({ object, values }) =>
          describeUpdate(object, values, told.get(object.ref.value)?.values),
        ),
        ...[...told.values()]
          .filter(({ object }) => !now.has(object.ref.value))
          .map(({ object }): Input<'ObjectUpdate'> => ({ kind: 'leave', obj: object.ref })),
      ]
      told = now
      return objectSet.length === 0 ? undefined : { filter: ref, objectSet }
    },
  }
}

/** The properties of an object that a filter asks for, as XML. */
export function selectValues(
  spec: Value<'PropertyFilterSpec'>,
  object: ManagedObject,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const path of selectPaths(spec, object)) {
    const xml = renderProperty(object, path)
    if (xml !== undefined) values.set(path, xml)
  }
  return values
}

function describeUpdate(
  object: ManagedObject,
  values: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string> | undefined,
): readonly Input<'ObjectUpdate'>[] {
  const changeSet = [...values]
    .filter(([name, xml]) => before?.get(name) !== xml)
    .map(([name, $xml]) => ({ name, op: 'assign' as const, val: { $xml } as never }))
  const gone = [...(before?.keys() ?? [])]
    .filter((name) => !values.has(name))
    .map((name) => ({ name, op: 'indirectRemove' as const, val: '' }))
  const changes = [...changeSet, ...gone]
  if (before !== undefined && changes.length === 0) return []
  return [{ kind: before === undefined ? 'enter' : 'modify', obj: object.ref, changeSet: changes }]
}
