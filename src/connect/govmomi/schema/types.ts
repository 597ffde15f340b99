import { authorityTypes } from './types/authority.ts'
import { clusterTypes } from './types/cluster.ts'
import { computeTypes } from './types/compute.ts'
import { deviceNetworkTypes } from './types/device-network.ts'
import { deviceStorageTypes } from './types/device-storage.ts'
import { deviceTypes } from './types/device.ts'
import { dvsPortgroupTypes } from './types/dvs-portgroup.ts'
import { dvsTypes } from './types/dvs.ts'
import { faultTypes } from './types/fault.ts'
import { hostNetworkTypes } from './types/host-network.ts'
import { hostTypes } from './types/host.ts'
import { leaseTypes } from './types/lease.ts'
import { machineSpecTypes } from './types/machine-spec.ts'
import { machineTypes } from './types/machine.ts'
import { optionTypes } from './types/option.ts'
import { ovfTypes } from './types/ovf.ts'
import { propertyTypes } from './types/property.ts'
import { sessionTypes } from './types/session.ts'
import { taskTypes } from './types/task.ts'

/** Every data object type: its base, and its fields in the order of the wire. */
export const types = {
  ...sessionTypes,
  ...propertyTypes,
  ...taskTypes,
  ...faultTypes,
  ...optionTypes,
  ...hostTypes,
  ...hostNetworkTypes,
  ...computeTypes,
  ...clusterTypes,
  ...authorityTypes,
  ...dvsTypes,
  ...dvsPortgroupTypes,
  ...machineTypes,
  ...machineSpecTypes,
  ...deviceTypes,
  ...deviceStorageTypes,
  ...deviceNetworkTypes,
  ...ovfTypes,
  ...leaseTypes,
} as const

/** Name of a data object type. */
export type TypeName = keyof typeof types
