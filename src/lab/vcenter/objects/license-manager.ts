import type { Arguments, Input } from '../../../connect/govmomi/schema/values.ts'
import { describeLicence } from '../licence.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import type { World } from '../model/world.ts'
import { singletonsOf } from '../singletons.ts'

/** What tells which host has which licence; a host that is alone has none. */
const ASSIGNMENT: Ref<'LicenseAssignmentManager'> = {
  type: 'LicenseAssignmentManager',
  value: 'LicenseAssignmentManager',
}

/** Makes what lists licences, and on a vCenter what assigns them. */
export function createLicenseManagers(world: World): readonly ManagedObject[] {
  const { seed, inventory } = world
  const onHost = seed.kind === 'esxi'
  const manager: ManagedObject = {
    ref: singletonsOf(seed.kind).licenseManager,
    properties: {
      licensedEdition: () => describeLicence(world).editionKey,
      licenses: () => [describeLicence(world)],
      licenseAssignmentManager: () => (onHost ? undefined : ASSIGNMENT),
      evaluation: (): Input<'LicenseManagerEvaluationInfo'> => ({
        properties: [{ key: 'expirationHours', value: seed.licence === 'evaluation' ? 1440n : 0n }],
      }),
    },
    methods: {},
  }
  if (onHost) return [manager]
  return [
    manager,
    {
      ref: ASSIGNMENT,
      properties: {},
      methods: {
        QueryAssignedLicenses: method(({ entityId }: Arguments<'QueryAssignedLicenses'>) =>
          inventory.hosts
            .filter(({ state }) => entityId === undefined || state.moid === entityId)
            .map(({ state }): Input<'LicenseAssignmentManagerLicenseAssignment'> => ({
              entityId: state.moid,
              entityDisplayName: state.name,
              assignedLicense: describeLicence(world),
            })),
        ),
      },
    },
  ]
}
