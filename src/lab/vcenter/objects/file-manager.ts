import type { Arguments, MoRef } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { singletonsOf } from '../singletons.ts'

/** Milliseconds of the lab's time that deleting a file takes. */
const DURATION = 200

/** Makes what deletes files of datastores. */
export function createFileManager(world: World): ManagedObject {
  const { fileManager } = singletonsOf(world.seed.kind)
  return {
    ref: fileManager,
    properties: {},
    methods: {
      DeleteDatastoreFile_Task: method(
        ({ name }: Arguments<'DeleteDatastoreFile_Task'>, { session }): MoRef =>
          world.tasks.start(
            {
              entity: fileManager,
              entityName: name,
              description: 'FileManager.deleteFile',
              userName: session.userName,
              duration: DURATION,
            },
            async () => {
              if (!world.files.delete(name)) throw faults.fileNotFound(name)
              return undefined
            },
          ),
      ),
    },
  }
}
