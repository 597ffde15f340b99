import type { TypeTable } from '../shape.ts'

/** Virtual devices and their backings. */
export const deviceTypes = {
  VirtualDeviceBusSlotInfo: { fields: {} },
  VirtualDevicePciBusSlotInfo: { extends: 'VirtualDeviceBusSlotInfo', fields: { pciSlotNumber: 'int' } },
  VirtualDevice: {
    fields: {
      key: 'int',
      deviceInfo: 'Description?',
      backing: 'VirtualDeviceBackingInfo?',
      connectable: 'VirtualDeviceConnectInfo?',
      slotInfo: 'VirtualDeviceBusSlotInfo?',
      controllerKey: 'int?',
      unitNumber: 'int?',
      numaNode: 'int?',
    },
  },
  VirtualDeviceBackingInfo: { fields: {} },
  VirtualDeviceConnectInfo: {
    fields: {
      migrateConnect: 'string?',
      startConnected: 'boolean',
      allowGuestControl: 'boolean',
      connected: 'boolean',
      status: 'string?',
    },
  },
  VirtualDeviceConfigSpec: {
    fields: {
      operation: 'VirtualDeviceConfigSpecOperation?',
      fileOperation: 'VirtualDeviceConfigSpecFileOperation?',
      device: 'VirtualDevice',
    },
  },
  VirtualDeviceFileBackingInfo: {
    extends: 'VirtualDeviceBackingInfo',
    fields: { fileName: 'string', datastore: 'ref?', backingObjectId: 'string?' },
  },
  VirtualDeviceDeviceBackingInfo: {
    extends: 'VirtualDeviceBackingInfo',
    fields: { deviceName: 'string', useAutoDetect: 'boolean?' },
  },
  VirtualDeviceRemoteDeviceBackingInfo: {
    extends: 'VirtualDeviceBackingInfo',
    fields: { deviceName: 'string', useAutoDetect: 'boolean?' },
  },
  VirtualDeviceURIBackingInfo: {
    extends: 'VirtualDeviceBackingInfo',
    fields: { serviceURI: 'string', direction: 'string', proxyURI: 'string?' },
  },
  VirtualController: { extends: 'VirtualDevice', fields: { busNumber: 'int', device: 'int*' } },
  VirtualPCIController: { extends: 'VirtualController', fields: {} },
  VirtualIDEController: { extends: 'VirtualController', fields: {} },
  VirtualPS2Controller: { extends: 'VirtualController', fields: {} },
  VirtualSIOController: { extends: 'VirtualController', fields: {} },
  VirtualSCSIController: {
    extends: 'VirtualController',
    fields: { hotAddRemove: 'boolean?', sharedBus: 'VirtualSCSISharing', scsiCtlrUnitNumber: 'int?' },
  },
  VirtualLsiLogicController: { extends: 'VirtualSCSIController', fields: {} },
  ParaVirtualSCSIController: { extends: 'VirtualSCSIController', fields: {} },
  VirtualLsiLogicSASController: { extends: 'VirtualSCSIController', fields: {} },
  VirtualBusLogicController: { extends: 'VirtualSCSIController', fields: {} },
  VirtualSATAController: { extends: 'VirtualController', fields: {} },
  VirtualAHCIController: { extends: 'VirtualSATAController', fields: {} },
  VirtualUSBController: {
    extends: 'VirtualController',
    fields: { autoConnectDevices: 'boolean?', ehciEnabled: 'boolean?' },
  },
  VirtualKeyboard: { extends: 'VirtualDevice', fields: {} },
  VirtualPointingDevice: { extends: 'VirtualDevice', fields: {} },
  VirtualPointingDeviceDeviceBackingInfo: {
    extends: 'VirtualDeviceDeviceBackingInfo',
    fields: { hostPointingDevice: 'string' },
  },
  VirtualMachineVideoCard: {
    extends: 'VirtualDevice',
    fields: {
      videoRamSizeInKB: 'long?',
      numDisplays: 'int?',
      useAutoDetect: 'boolean?',
      enable3DSupport: 'boolean?',
      use3dRenderer: 'string?',
      graphicsMemorySizeInKB: 'long?',
    },
  },
  VirtualMachineVMCIDevice: {
    extends: 'VirtualDevice',
    fields: { id: 'long?', allowUnrestrictedCommunication: 'boolean?', filterEnable: 'boolean?' },
  },
  VirtualFloppy: { extends: 'VirtualDevice', fields: {} },
  VirtualCdrom: { extends: 'VirtualDevice', fields: {} },
  VirtualCdromIsoBackingInfo: { extends: 'VirtualDeviceFileBackingInfo', fields: {} },
  VirtualCdromAtapiBackingInfo: { extends: 'VirtualDeviceDeviceBackingInfo', fields: {} },
  VirtualCdromRemotePassthroughBackingInfo: {
    extends: 'VirtualDeviceRemoteDeviceBackingInfo',
    fields: { exclusive: 'boolean' },
  },
  VirtualCdromRemoteAtapiBackingInfo: { extends: 'VirtualDeviceRemoteDeviceBackingInfo', fields: {} },
  VirtualSerialPort: { extends: 'VirtualDevice', fields: { yieldOnPoll: 'boolean' } },
  VirtualSerialPortURIBackingInfo: { extends: 'VirtualDeviceURIBackingInfo', fields: {} },
  VirtualPCIPassthrough: { extends: 'VirtualDevice', fields: {} },
  VirtualPCIPassthroughDeviceBackingInfo: {
    extends: 'VirtualDeviceDeviceBackingInfo',
    fields: { id: 'string', deviceId: 'string', systemId: 'string', vendorId: 'short' },
  },
} as const satisfies TypeTable
