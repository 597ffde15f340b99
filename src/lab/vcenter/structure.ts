import { unescapeName } from '../../connect/govmomi/codec/entity-name.ts'
import { isObjectSubtype } from '../../connect/govmomi/schema/lookup.ts'
import type { MoRef } from '../../connect/govmomi/schema/values.ts'
import type { ManagedObject } from './model/managed-object.ts'
import type { World } from './model/world.ts'

const parentOf = (object: ManagedObject): MoRef | undefined =>
  object.properties['parent']?.() as MoRef | undefined

/** What stands directly below an entity. */
export function childrenOf({ objects }: World, parent: MoRef): readonly ManagedObject[] {
  return [...objects.values()].filter((object) => parentOf(object)?.value === parent.value)
}

/** What stands below an entity and is of one of the types; everything where none is named. */
export function contentsOf(
  world: World,
  container: MoRef,
  { types, recursive }: { readonly types: readonly string[]; readonly recursive: boolean },
): readonly MoRef[] {
  const isWanted = ({ ref }: ManagedObject): boolean =>
    types.length === 0 || types.some((type) => isObjectSubtype(ref.type, type))
  const isInside = (object: ManagedObject): boolean => {
    let parent = parentOf(object)
    if (!recursive) return parent?.value === container.value
    while (parent !== undefined && parent.value !== container.value) {
      const above = world.objects.get(parent.value)
      parent = above === undefined ? undefined : parentOf(above)
    }
    return parent !== undefined
  }
  return [...world.objects.values()]
    .filter((object) => isWanted(object) && isInside(object))
    .map(({ ref }) => ref)
}

/** The entity at an inventory path such as `/FRA/vm/vse/lab-1-a`. */
export function findByPath(world: World, path: string): MoRef | undefined {
  let at: MoRef = world.inventory.places.root
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next = childrenOf(world, at).find(({ properties }) => properties['name']?.() === unescapeName(name))
    if (next === undefined) return undefined
    at = next.ref
  }
  return at
}
