import type { OperationTable } from '../shape.ts'

/** Imports: descriptor to specification, specification to lease, lease to virtual machine. */
export const ovfOperations = {
  ParseDescriptor: {
    on: 'OvfManager',
    mutates: false,
    params: { ovfDescriptor: 'string', pdp: 'OvfParseDescriptorParams' },
    result: 'OvfParseDescriptorResult',
  },
  CreateImportSpec: {
    on: 'OvfManager',
    mutates: false,
    params: {
      ovfDescriptor: 'string',
      resourcePool: 'ref',
      datastore: 'ref',
      cisp: 'OvfCreateImportSpecParams',
    },
    result: 'OvfCreateImportSpecResult',
  },
  ImportVApp: {
    on: 'ResourcePool',
    mutates: true,
    params: { spec: 'ImportSpec', folder: 'ref?', host: 'ref?' },
    result: 'ref',
  },
  HttpNfcLeaseProgress: { on: 'HttpNfcLease', mutates: true, params: { percent: 'int' } },
  HttpNfcLeaseComplete: { on: 'HttpNfcLease', mutates: true, params: {} },
  HttpNfcLeaseAbort: { on: 'HttpNfcLease', mutates: true, params: { fault: 'LocalizedMethodFault?' } },
  HttpNfcLeaseGetManifest: {
    on: 'HttpNfcLease',
    mutates: false,
    params: {},
    result: 'HttpNfcLeaseManifestEntry*',
  },
  HttpNfcLeaseSetManifestChecksumType: {
    on: 'HttpNfcLease',
    mutates: true,
    params: { deviceUrlsToChecksumTypes: 'KeyValue*' },
  },
  HttpNfcLeasePullFromUrls_Task: {
    on: 'HttpNfcLease',
    mutates: true,
    params: { files: 'HttpNfcLeaseSourceFile*' },
    result: 'ref',
  },
  HttpNfcLeaseProbeUrls: {
    on: 'HttpNfcLease',
    mutates: false,
    params: { files: 'HttpNfcLeaseSourceFile*', timeout: 'int?' },
    result: 'HttpNfcLeaseProbeResult*',
  },
} as const satisfies OperationTable
