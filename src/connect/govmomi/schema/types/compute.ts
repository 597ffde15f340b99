import type { TypeTable } from '../shape.ts'

/** Compute resources, resource pools, and summaries of networks and datastores. */
export const computeTypes = {
  ComputeResourceSummary: {
    fields: {
      totalCpu: 'int',
      totalMemory: 'long',
      numCpuCores: 'short',
      numCpuThreads: 'short',
      effectiveCpu: 'int',
      effectiveMemory: 'long',
      numHosts: 'int',
      numEffectiveHosts: 'int',
      overallStatus: 'ManagedEntityStatus',
    },
  },
  ClusterComputeResourceSummary: {
    extends: 'ComputeResourceSummary',
    fields: {
      currentFailoverLevel: 'int',
      numVmotions: 'int',
      targetBalance: 'int?',
      currentBalance: 'int?',
    },
  },
  ResourcePoolSummary: {
    fields: { name: 'string', config: 'ResourceConfigSpec', configuredMemoryMB: 'int?' },
  },
  ResourceConfigSpec: {
    fields: {
      entity: 'ref?',
      changeVersion: 'string?',
      lastModified: 'dateTime?',
      cpuAllocation: 'ResourceAllocationInfo',
      memoryAllocation: 'ResourceAllocationInfo',
      scaleDescendantsShares: 'string?',
    },
  },
  ResourceAllocationInfo: {
    fields: {
      reservation: 'long?',
      expandableReservation: 'boolean?',
      limit: 'long?',
      shares: 'SharesInfo?',
      overheadLimit: 'long?',
    },
  },
  SharesInfo: { fields: { shares: 'int', level: 'SharesLevel' } },
  NetworkSummary: {
    fields: {
      network: 'ref?',
      name: 'string',
      accessible: 'boolean',
      ipPoolName: 'string',
      ipPoolId: 'int?',
    },
  },
  DatastoreSummary: {
    fields: {
      datastore: 'ref?',
      name: 'string',
      url: 'string',
      capacity: 'long',
      freeSpace: 'long',
      uncommitted: 'long?',
      accessible: 'boolean',
      multipleHostAccess: 'boolean?',
      type: 'string',
      maintenanceMode: 'string?',
    },
  },
  DatastoreInfo: {
    fields: {
      name: 'string',
      url: 'string',
      freeSpace: 'long',
      maxFileSize: 'long',
      maxMemoryFileSize: 'long',
    },
  },
} as const satisfies TypeTable
