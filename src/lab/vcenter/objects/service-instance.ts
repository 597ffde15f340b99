import type { Input } from '../../../connect/govmomi/schema/values.ts'
import { describeAbout } from '../about.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import type { World } from '../model/world.ts'
import { singletonsOf } from '../singletons.ts'

/** Where clients begin: the same on every server. */
const SERVICE: Ref<'ServiceInstance'> = { type: 'ServiceInstance', value: 'ServiceInstance' }

/** Makes what tells of all the rest; it answers before anybody is logged in. */
export function createServiceInstance(world: World): ManagedObject {
  const now = (): string => new Date(world.clock.now()).toISOString()
  const content = (): Input<'ServiceContent'> => ({
    rootFolder: world.inventory.places.root,
    about: describeAbout(world),
    ...singletonsOf(world.seed.kind),
  })
  return {
    ref: SERVICE,
    properties: { serverClock: now, content },
    methods: { RetrieveServiceContent: method(content), CurrentTime: method(now) },
  }
}
