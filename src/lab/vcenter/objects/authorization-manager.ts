import type { Arguments, Input } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { allPrivileges, hasPrivilege, privilegesOf } from '../privileges.ts'
import { singletonsOf } from '../singletons.ts'

/** The one role of the account. */
const ROLE = -1

/** Makes what tells an account what it may do: the same on every object, because it has one role at the root. */
export function createAuthorizationManager(world: World): ManagedObject {
  return {
    ref: singletonsOf(world.seed.kind).authorizationManager,
    properties: {
      privilegeList: () =>
        allPrivileges().map((privId) => ({
          privId,
          onParent: false,
          name: privId.split('.').at(-1) ?? privId,
          privGroupName: privId.slice(0, privId.lastIndexOf('.')),
        })),
      roleList: (): readonly Input<'AuthorizationRole'>[] => [
        {
          roleId: ROLE,
          system: world.seed.privileges === undefined,
          name: world.seed.privileges === undefined ? 'Admin' : 'Deployment',
          info: { label: 'The account’s role', summary: 'The account’s role' },
          privilege: privilegesOf(world),
        },
      ],
    },
    methods: {
      HasPrivilegeOnEntities: method(
        ({ entity, sessionId, privId = [] }: Arguments<'HasPrivilegeOnEntities'>, { session }) => {
          if (sessionId !== session.key) throw faults.invalidArgument('sessionId')
          return entity.map((ref): Input<'EntityPrivilege'> => {
            if (!world.objects.has(ref.value)) throw faults.objectNotFound(ref)
            return {
              entity: ref,
              privAvailability: privId.map((each) => ({
                privId: each,
                isGranted: hasPrivilege(world, each),
              })),
            }
          })
        },
      ),
      FetchUserPrivilegeOnEntities: method(
        ({ entities, userName }: Arguments<'FetchUserPrivilegeOnEntities'>) => {
          if (userName !== world.seed.username) throw faults.notFound()
          return entities.map((entity): Input<'UserPrivilegeResult'> => {
            if (!world.objects.has(entity.value)) throw faults.objectNotFound(entity)
            return { entity, privileges: privilegesOf(world) }
          })
        },
      ),
    },
  }
}
