import type { Arguments } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import type { World } from '../model/world.ts'
import { describeDescriptor } from '../ovf/describe-descriptor.ts'
import { createImportSpec } from '../ovf/import-spec.ts'

/** Makes what reads OVF descriptors. */
export function createOvfManager(world: World, ref: Ref<'OvfManager'>): ManagedObject {
  return {
    ref,
    properties: {},
    methods: {
      ParseDescriptor: method(({ ovfDescriptor }: Arguments<'ParseDescriptor'>) =>
        describeDescriptor(ovfDescriptor),
      ),
      CreateImportSpec: method((args: Arguments<'CreateImportSpec'>) => createImportSpec(world, args)),
    },
  }
}
