import type { Arguments } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import type { World } from '../model/world.ts'
import { singletonsOf } from '../singletons.ts'
import { findByPath } from '../structure.ts'

/** Makes what finds entities by their inventory path. */
export function createSearchIndex(world: World): ManagedObject {
  return {
    ref: singletonsOf(world.seed.kind).searchIndex,
    properties: {},
    methods: {
      FindByInventoryPath: method(({ inventoryPath }: Arguments<'FindByInventoryPath'>) =>
        findByPath(world, inventoryPath),
      ),
    },
  }
}
