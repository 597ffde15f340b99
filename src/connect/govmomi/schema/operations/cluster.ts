import type { OperationTable } from '../shape.ts'

/** Clusters, and what an account may do in them. */
export const clusterOperations = {
  ReconfigureComputeResource_Task: {
    on: 'ComputeResource',
    mutates: true,
    params: { spec: 'ComputeResourceConfigSpec', modify: 'boolean' },
    result: 'ref',
  },
  PowerOnMultiVM_Task: {
    on: 'Datacenter',
    mutates: true,
    params: { vm: 'ref+', option: 'OptionValue*' },
    result: 'ref',
  },
  HasPrivilegeOnEntities: {
    on: 'AuthorizationManager',
    mutates: false,
    params: { entity: 'ref+', sessionId: 'string', privId: 'string*' },
    result: 'EntityPrivilege*',
  },
  FetchUserPrivilegeOnEntities: {
    on: 'AuthorizationManager',
    mutates: false,
    params: { entities: 'ref+', userName: 'string' },
    result: 'UserPrivilegeResult*',
  },
  QueryAssignedLicenses: {
    on: 'LicenseAssignmentManager',
    mutates: false,
    params: { entityId: 'string?' },
    result: 'LicenseAssignmentManagerLicenseAssignment*',
  },
} as const satisfies OperationTable
