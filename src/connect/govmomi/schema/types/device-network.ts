import type { TypeTable } from '../shape.ts'

/** Virtual network cards and what they are plugged into. */
export const deviceNetworkTypes = {
  VirtualEthernetCard: {
    extends: 'VirtualDevice',
    fields: {
      addressType: 'string?',
      macAddress: 'string?',
      wakeOnLanEnabled: 'boolean?',
      resourceAllocation: 'VirtualEthernetCardResourceAllocation?',
      externalId: 'string?',
      uptCompatibilityEnabled: 'boolean?',
    },
  },
  VirtualEthernetCardResourceAllocation: {
    fields: { reservation: 'long?', share: 'SharesInfo', limit: 'long?' },
  },
  VirtualE1000: { extends: 'VirtualEthernetCard', fields: {} },
  VirtualE1000e: { extends: 'VirtualEthernetCard', fields: {} },
  VirtualVmxnet: { extends: 'VirtualEthernetCard', fields: {} },
  VirtualVmxnet2: { extends: 'VirtualVmxnet', fields: {} },
  VirtualVmxnet3: { extends: 'VirtualVmxnet', fields: { uptv2Enabled: 'boolean?' } },
  VirtualPCNet32: { extends: 'VirtualEthernetCard', fields: {} },
  VirtualEthernetCardNetworkBackingInfo: {
    extends: 'VirtualDeviceDeviceBackingInfo',
    fields: { network: 'ref?', inPassthroughMode: 'boolean?' },
  },
  VirtualEthernetCardDistributedVirtualPortBackingInfo: {
    extends: 'VirtualDeviceBackingInfo',
    fields: { port: 'DistributedVirtualSwitchPortConnection' },
  },
  VirtualEthernetCardOpaqueNetworkBackingInfo: {
    extends: 'VirtualDeviceBackingInfo',
    fields: { opaqueNetworkId: 'string', opaqueNetworkType: 'string' },
  },
} as const satisfies TypeTable
