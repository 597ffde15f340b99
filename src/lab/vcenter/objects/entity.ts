import type { MoRef } from '../../../connect/govmomi/schema/values.ts'
import type { ManagedObject } from '../model/managed-object.ts'

/** The properties that every managed entity has. */
export function entityProperties(
  name: () => string,
  parent: () => MoRef | undefined,
): ManagedObject['properties'] {
  return {
    parent,
    name,
    overallStatus: () => 'green',
    disabledMethod: () => [],
    effectiveRole: () => [-1],
    recentTask: () => [],
  }
}
