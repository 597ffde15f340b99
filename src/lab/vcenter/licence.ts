import type { OperationName } from '../../connect/govmomi/schema/operations.ts'
import { operations } from '../../connect/govmomi/schema/operations.ts'
import type { Input } from '../../connect/govmomi/schema/values.ts'
import { faults } from './model/method-fault.ts'
import type { World } from './model/world.ts'

const EDITIONS = {
  standard: { editionKey: 'esx.enterprisePlus.cpuPackage', name: 'VMware vSphere 8 Enterprise Plus' },
  evaluation: { editionKey: 'eval', name: 'Evaluation Mode' },
  free: { editionKey: 'esxBasic.cpuPackageCoreLimited', name: 'VMware vSphere 8 Hypervisor' },
} as const

/** Operations on what belongs to a session: no licence forbids them. */
const SESSION_ONLY: ReadonlySet<OperationName> = new Set(['CancelTask'])

/** Throws `RestrictedVersion` where the licence makes the API read-only and the operation changes something. */
export function demandLicence({ seed }: World, operation: OperationName): void {
  const isFree = seed.licence === 'free'
  if (isFree && operations[operation].mutates && !SESSION_ONLY.has(operation))
    throw faults.restrictedVersion()
}

/** The server's one licence, with what it allows. */
export function describeLicence({ seed }: World): Input<'LicenseManagerLicenseInfo'> {
  const { editionKey, name } = EDITIONS[seed.licence ?? 'standard']
  const features = seed.licence === 'free' ? [] : ['vimapi', 'vmotion', 'drs', 'dvs', 'pciPassthrough']
  return {
    licenseKey: '00000-00000-00000-00000-00000',
    editionKey,
    name,
    total: 0,
    used: seed.hosts.length,
    costUnit: 'cpuPackage',
    properties: features.map((key) => ({
      key: 'feature',
      value: { $type: 'KeyValue', key, value: key } as never,
    })),
  }
}
