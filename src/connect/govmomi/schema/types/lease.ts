import type { TypeTable } from '../shape.ts'

/** NFC leases: where the files of an import go. */
export const leaseTypes = {
  HttpNfcLeaseInfo: {
    fields: {
      lease: 'ref',
      entity: 'ref',
      deviceUrl: 'HttpNfcLeaseDeviceUrl*',
      totalDiskCapacityInKB: 'long',
      leaseTimeout: 'int',
      hostMap: 'HttpNfcLeaseDatastoreLeaseInfo*',
    },
  },
  HttpNfcLeaseDeviceUrl: {
    fields: {
      key: 'string',
      importKey: 'string',
      url: 'string',
      sslThumbprint: 'string',
      sslCertificate: 'string?',
      disk: 'boolean?',
      targetId: 'string?',
      datastoreKey: 'string?',
      fileSize: 'long?',
    },
  },
  HttpNfcLeaseDatastoreLeaseInfo: { fields: { datastoreKey: 'string', hosts: 'HttpNfcLeaseHostInfo+' } },
  HttpNfcLeaseHostInfo: { fields: { url: 'string', sslThumbprint: 'string' } },
  HttpNfcLeaseManifestEntry: {
    fields: {
      key: 'string',
      sha1: 'string',
      checksum: 'string?',
      checksumType: 'string?',
      size: 'long',
      disk: 'boolean',
      capacity: 'long?',
      populatedSize: 'long?',
    },
  },
  HttpNfcLeaseSourceFile: {
    fields: {
      targetDeviceId: 'string',
      url: 'string',
      memberName: 'string?',
      create: 'boolean',
      sslThumbprint: 'string?',
      sslCertificate: 'string?',
      httpHeaders: 'KeyValue*',
      size: 'long?',
    },
  },
  HttpNfcLeaseProbeResult: { fields: { serverAccessible: 'boolean' } },
  HttpNfcLeaseCapabilities: { fields: { pullModeSupported: 'boolean', corsSupported: 'boolean' } },
} as const satisfies TypeTable
