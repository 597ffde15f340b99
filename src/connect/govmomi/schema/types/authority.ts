import type { TypeTable } from '../shape.ts'

/** What an account may do, and what a server is licensed for. */
export const authorityTypes = {
  EntityPrivilege: { fields: { entity: 'ref', privAvailability: 'PrivilegeAvailability+' } },
  PrivilegeAvailability: { fields: { privId: 'string', isGranted: 'boolean' } },
  UserPrivilegeResult: { fields: { entity: 'ref', privileges: 'string*' } },
  AuthorizationPrivilege: {
    fields: { privId: 'string', onParent: 'boolean', name: 'string', privGroupName: 'string' },
  },
  AuthorizationRole: {
    fields: { roleId: 'int', system: 'boolean', name: 'string', info: 'Description', privilege: 'string*' },
  },
  LicenseManagerLicenseInfo: {
    fields: {
      licenseKey: 'string',
      editionKey: 'string',
      name: 'string',
      total: 'int',
      used: 'int?',
      costUnit: 'string',
      properties: 'KeyAnyValue*',
      labels: 'KeyValue*',
    },
  },
  LicenseManagerEvaluationInfo: { fields: { properties: 'KeyAnyValue+' } },
  LicenseAssignmentManagerLicenseAssignment: {
    fields: {
      entityId: 'string',
      scope: 'string?',
      entityDisplayName: 'string?',
      assignedLicense: 'LicenseManagerLicenseInfo',
      properties: 'KeyAnyValue*',
    },
  },
} as const satisfies TypeTable
