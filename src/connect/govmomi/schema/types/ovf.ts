import type { TypeTable } from '../shape.ts'

/** OVF: descriptors in, import specifications out. */
export const ovfTypes = {
  OvfManagerCommonParams: {
    fields: { locale: 'string', deploymentOption: 'string', msgBundle: 'KeyValue*', importOption: 'string*' },
  },
  OvfCreateImportSpecParams: {
    extends: 'OvfManagerCommonParams',
    fields: {
      entityName: 'string',
      hostSystem: 'ref?',
      networkMapping: 'OvfNetworkMapping*',
      ipAllocationPolicy: 'string?',
      ipProtocol: 'string?',
      propertyMapping: 'KeyValue*',
      resourceMapping: 'OvfResourceMap*',
      diskProvisioning: 'string?',
    },
  },
  OvfNetworkMapping: { fields: { name: 'string', network: 'ref' } },
  OvfResourceMap: {
    fields: { source: 'string', parent: 'ref?', resourceSpec: 'ResourceConfigSpec?', datastore: 'ref?' },
  },
  OvfCreateImportSpecResult: {
    fields: {
      importSpec: 'ImportSpec?',
      fileItem: 'OvfFileItem*',
      warning: 'LocalizedMethodFault*',
      error: 'LocalizedMethodFault*',
    },
  },
  OvfFileItem: {
    fields: {
      deviceId: 'string',
      path: 'string',
      compressionMethod: 'string?',
      chunkSize: 'long?',
      size: 'long?',
      cimType: 'int',
      create: 'boolean',
    },
  },
  OvfParseDescriptorParams: { extends: 'OvfManagerCommonParams', fields: {} },
  OvfParseDescriptorResult: {
    fields: {
      eula: 'string*',
      network: 'OvfNetworkInfo*',
      ipAllocationScheme: 'string*',
      ipProtocols: 'string*',
      property: 'VAppPropertyInfo*',
      productInfo: 'VAppProductInfo?',
      annotation: 'string',
      approximateDownloadSize: 'long?',
      approximateFlatDeploymentSize: 'long?',
      approximateSparseDeploymentSize: 'long?',
      defaultEntityName: 'string',
      virtualApp: 'boolean',
      deploymentOption: 'OvfDeploymentOption*',
      defaultDeploymentOption: 'string',
      entityName: 'KeyValue*',
      error: 'LocalizedMethodFault*',
      warning: 'LocalizedMethodFault*',
    },
  },
  OvfNetworkInfo: { fields: { name: 'string', description: 'string' } },
  OvfDeploymentOption: { fields: { key: 'string', label: 'string', description: 'string' } },
} as const satisfies TypeTable
