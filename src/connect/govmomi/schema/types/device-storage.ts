import type { TypeTable } from '../shape.ts'

/** Virtual disks. */
export const deviceStorageTypes = {
  VirtualDisk: {
    extends: 'VirtualDevice',
    fields: {
      capacityInKB: 'long',
      capacityInBytes: 'long?',
      shares: 'SharesInfo?',
      storageIOAllocation: 'StorageIOAllocationInfo?',
      diskObjectId: 'string?',
    },
  },
  StorageIOAllocationInfo: { fields: { limit: 'long?', shares: 'SharesInfo?', reservation: 'int?' } },
  VirtualDiskFlatVer2BackingInfo: {
    extends: 'VirtualDeviceFileBackingInfo',
    fields: {
      diskMode: 'string',
      split: 'boolean?',
      writeThrough: 'boolean?',
      thinProvisioned: 'boolean?',
      eagerlyScrub: 'boolean?',
      uuid: 'string?',
      contentId: 'string?',
      changeId: 'string?',
      parent: 'VirtualDiskFlatVer2BackingInfo?',
      deltaDiskFormat: 'string?',
      digestEnabled: 'boolean?',
      deltaGrainSize: 'int?',
      deltaDiskFormatVariant: 'string?',
      sharing: 'string?',
    },
  },
} as const satisfies TypeTable
