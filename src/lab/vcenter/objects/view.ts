import type { Arguments } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { contentsOf } from '../structure.ts'

/** Makes views: live lists of what stands below a container. */
export function createViewManager(world: World, ref: Ref<'ViewManager'>): ManagedObject {
  return {
    ref,
    properties: { viewList: () => [] },
    methods: {
      CreateContainerView: method(
        ({ container, type = [], recursive }: Arguments<'CreateContainerView'>, { session }) => {
          if (!world.objects.has(container.value)) throw faults.objectNotFound(container)
          const belongings = world.sessions.objectsOf(session)
          const own: Ref<'ContainerView'> = {
            type: 'ContainerView',
            value: `session[${session.key}]view-${session.nextId()}`,
          }
          const destroy = (): void => void belongings.delete(own.value)
          belongings.set(own.value, {
            ref: own,
            properties: {
              view: () => contentsOf(world, container, { types: type, recursive }),
              container: () => container,
              type: () => type,
              recursive: () => recursive,
            },
            methods: { DestroyView: method(destroy) },
          })
          return own
        },
      ),
    },
  }
}
