import { isObjectSubtype, propertyField } from '../../../connect/govmomi/schema/lookup.ts'
import { objects } from '../../../connect/govmomi/schema/objects.ts'
import type { ObjectTable } from '../../../connect/govmomi/schema/shape.ts'
import type { MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import type { ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import { readProperty } from './read-property.ts'

type Selection = Value<'SelectionSpec'>
type Traversal = Value<'TraversalSpec'>

/** How the objects that references name are found. */
export type Lookup = (ref: MoRef) => ManagedObject | undefined

/** What a filter selects now. */
export interface Selected {
  /** The objects to report, in the order in which they were come upon. */
  readonly objects: readonly ManagedObject[]
  /** Every object that was looked at on the way, and may lead to others when it changes. */
  readonly visited: ReadonlySet<string>
  /** Whether any traversal was made, so that the structure of the inventory matters. */
  readonly traverses: boolean
}

/** Follows the traversals of a filter. Throws `ManagedObjectNotFound` where a starting point is gone. */
export function selectObjects(spec: Value<'PropertyFilterSpec'>, lookup: Lookup): Selected {
  const found = new Map<string, ManagedObject>()
  const visited = new Set<string>()
  let traverses = false

  for (const { obj, skip, selectSet } of spec.objectSet) {
    const start = lookup(obj)
    if (start === undefined || start.ref.type !== obj.type) throw faults.objectNotFound(obj)
    const named = namesOf(selectSet)
    // A pair of object and selection is walked once: traversals name each other in circles on purpose.
    const walked = new Map<Selection, Set<string>>()

    const follow = (object: ManagedObject, selections: readonly Selection[]): void => {
      visited.add(object.ref.value)
      for (const selection of selections) {
        const traversal = resolve(selection, named)
        const seen = walked.get(traversal) ?? new Set()
        walked.set(traversal, seen)
        if (seen.has(object.ref.value) || !isObjectSubtype(object.ref.type, traversal.type)) continue
        seen.add(object.ref.value)
        traverses = true
        for (const next of refsAt(object, traversal.path)) {
          const target = lookup(next)
          if (target === undefined) continue
          if (traversal.skip !== true) found.set(target.ref.value, target)
          follow(target, traversal.selectSet)
        }
      }
    }
    if (skip !== true) found.set(start.ref.value, start)
    follow(start, selectSet)
  }
  for (const moid of found.keys()) visited.add(moid)
  const isReported = ({ ref }: ManagedObject): boolean =>
    spec.propSet.some(({ type }) => isObjectSubtype(ref.type, type))
  return { objects: [...found.values()].filter(isReported), visited, traverses }
}

const table: ObjectTable = objects

/** The paths that a filter asks of an object; throws `InvalidProperty` for one that its type does not have. */
export function selectPaths(spec: Value<'PropertyFilterSpec'>, object: ManagedObject): readonly string[] {
  const paths = new Set<string>()
  for (const { type, all, pathSet } of spec.propSet) {
    if (!isObjectSubtype(object.ref.type, type)) continue
    for (const path of pathSet) paths.add(path)
    if (all === true) for (const name of namesOfProperties(object.ref.type)) paths.add(name)
  }
  return [...paths]
}

function namesOfProperties(type: string): readonly string[] {
  const names: string[] = []
  for (let at: string | undefined = type; at !== undefined; at = table[at]?.extends) {
    names.push(...Object.keys(table[at]?.properties ?? {}))
  }
  return names
}

function refsAt(object: ManagedObject, path: string): readonly MoRef[] {
  if (propertyField(object.ref.type, path) === undefined) throw faults.invalidProperty(path)
  const value = readProperty(object, path)
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]) as readonly MoRef[]
}

const isTraversal = (selection: Selection): selection is Traversal => selection.$type === 'TraversalSpec'

// Names are known anywhere below the object they are declared for, before and after their declaration.
function namesOf(selections: readonly Selection[]): ReadonlyMap<string, Traversal> {
  const named = new Map<string, Traversal>()
  const collect = (selection: Selection): void => {
    if (!isTraversal(selection)) return
    if (selection.name !== undefined) named.set(selection.name, selection)
    for (const inner of selection.selectSet) collect(inner)
  }
  for (const selection of selections) collect(selection)
  return named
}

function resolve(selection: Selection, named: ReadonlyMap<string, Traversal>): Traversal {
  if (isTraversal(selection)) return selection
  const traversal = named.get(selection.name ?? '')
  if (traversal === undefined) throw faults.invalidArgument('selectSet.name')
  return traversal
}
