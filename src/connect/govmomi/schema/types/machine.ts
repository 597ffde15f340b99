import type { TypeTable } from '../shape.ts'

/** Virtual machines as they are read: configuration, state, console keys, what a host offers to them. */
export const machineTypes = {
  VirtualMachineConfigInfo: {
    fields: {
      changeVersion: 'string',
      modified: 'dateTime',
      name: 'string',
      guestFullName: 'string',
      version: 'string',
      uuid: 'string',
      instanceUuid: 'string?',
      template: 'boolean',
      guestId: 'string',
      alternateGuestName: 'string',
      annotation: 'string?',
      files: 'VirtualMachineFileInfo',
      tools: 'ToolsConfigInfo?',
      flags: 'VirtualMachineFlagInfo',
      hardware: 'VirtualHardware',
      cpuAllocation: 'ResourceAllocationInfo?',
      memoryAllocation: 'ResourceAllocationInfo?',
      extraConfig: 'OptionValue*',
      firmware: 'string?',
      memoryReservationLockedToMax: 'boolean?',
    },
  },
  VirtualMachineConfigSummary: {
    fields: {
      name: 'string',
      template: 'boolean',
      vmPathName: 'string',
      memorySizeMB: 'int?',
      cpuReservation: 'int?',
      memoryReservation: 'int?',
      numCpu: 'int?',
      numEthernetCards: 'int?',
      numVirtualDisks: 'int?',
      uuid: 'string?',
      instanceUuid: 'string?',
      guestId: 'string?',
      guestFullName: 'string?',
      annotation: 'string?',
    },
  },
  VirtualMachineSummary: {
    fields: {
      vm: 'ref?',
      runtime: 'VirtualMachineRuntimeInfo',
      guest: 'VirtualMachineGuestSummary?',
      config: 'VirtualMachineConfigSummary',
      quickStats: 'VirtualMachineQuickStats',
      overallStatus: 'ManagedEntityStatus',
    },
  },
  VirtualMachineRuntimeInfo: {
    fields: {
      host: 'ref?',
      connectionState: 'VirtualMachineConnectionState',
      powerState: 'VirtualMachinePowerState',
      bootTime: 'dateTime?',
      question: 'VirtualMachineQuestionInfo?',
      maxCpuUsage: 'int?',
      maxMemoryUsage: 'int?',
      numMksConnections: 'int',
    },
  },
  VirtualMachineQuickStats: {
    fields: {
      overallCpuUsage: 'int?',
      guestMemoryUsage: 'int?',
      hostMemoryUsage: 'int?',
      guestHeartbeatStatus: 'ManagedEntityStatus',
      uptimeSeconds: 'int?',
    },
  },
  VirtualMachineGuestSummary: {
    fields: {
      guestId: 'string?',
      guestFullName: 'string?',
      toolsStatus: 'VirtualMachineToolsStatus?',
      hostName: 'string?',
      ipAddress: 'string?',
    },
  },
  VirtualMachineFileInfo: {
    fields: {
      vmPathName: 'string?',
      snapshotDirectory: 'string?',
      suspendDirectory: 'string?',
      logDirectory: 'string?',
      ftMetadataDirectory: 'string?',
    },
  },
  VirtualMachineFlagInfo: {
    fields: {
      disableAcceleration: 'boolean?',
      enableLogging: 'boolean?',
      useToe: 'boolean?',
      runWithDebugInfo: 'boolean?',
      monitorType: 'string?',
    },
  },
  VirtualHardware: {
    fields: { numCPU: 'int', numCoresPerSocket: 'int?', memoryMB: 'int', device: 'VirtualDevice*' },
  },
  VirtualMachineQuestionInfo: {
    fields: { id: 'string', text: 'string', choice: 'ChoiceOption', message: 'VirtualMachineMessage*' },
  },
  VirtualMachineMessage: { fields: { id: 'string', argument: 'anyType*', text: 'string?' } },
  ToolsConfigInfo: {
    fields: {
      toolsVersion: 'int?',
      afterPowerOn: 'boolean?',
      afterResume: 'boolean?',
      beforeGuestStandby: 'boolean?',
      beforeGuestShutdown: 'boolean?',
      beforeGuestReboot: 'boolean?',
      toolsUpgradePolicy: 'string?',
      syncTimeWithHost: 'boolean?',
    },
  },
  GuestInfo: {
    fields: {
      toolsStatus: 'VirtualMachineToolsStatus?',
      guestId: 'string?',
      guestFullName: 'string?',
      hostName: 'string?',
      ipAddress: 'string?',
      guestState: 'string',
    },
  },
  ConfigTarget: {
    fields: {
      numCpus: 'int',
      numCpuCores: 'int',
      numNumaNodes: 'int',
      maxMemMBOptimalPerf: 'int',
      pciPassthrough: 'VirtualMachinePciPassthroughInfo*',
    },
  },
  VirtualMachineTargetInfo: { fields: { name: 'string', configurationTag: 'string*' } },
  VirtualMachinePciPassthroughInfo: {
    extends: 'VirtualMachineTargetInfo',
    fields: { pciDevice: 'HostPciDevice', systemId: 'string' },
  },
  UsbScanCodeSpec: { fields: { keyEvents: 'UsbScanCodeSpecKeyEvent+' } },
  UsbScanCodeSpecKeyEvent: { fields: { usbHidCode: 'int', modifiers: 'UsbScanCodeSpecModifierType?' } },
  UsbScanCodeSpecModifierType: {
    fields: {
      leftControl: 'boolean?',
      leftShift: 'boolean?',
      leftAlt: 'boolean?',
      leftGui: 'boolean?',
      rightControl: 'boolean?',
      rightShift: 'boolean?',
      rightAlt: 'boolean?',
      rightGui: 'boolean?',
    },
  },
  VirtualMachineTicket: {
    fields: {
      ticket: 'string',
      cfgFile: 'string',
      host: 'string?',
      port: 'int?',
      sslThumbprint: 'string?',
      sslCertificate: 'string?',
      url: 'string?',
    },
  },
} as const satisfies TypeTable
