import type { TypeTable } from '../shape.ts'

/** ESXi hosts: hardware, state, PCI devices. Read-only types hold the fields that are used, in the wire’s order. */
export const hostTypes = {
  HostConfigManager: {
    fields: {
      datastoreSystem: 'ref?',
      storageSystem: 'ref?',
      networkSystem: 'ref?',
      serviceSystem: 'ref?',
      firewallSystem: 'ref?',
      advancedOption: 'ref?',
      pciPassthruSystem: 'ref?',
    },
  },
  HostListSummary: {
    fields: {
      host: 'ref?',
      hardware: 'HostHardwareSummary?',
      runtime: 'HostRuntimeInfo?',
      config: 'HostConfigSummary',
      quickStats: 'HostListSummaryQuickStats',
      overallStatus: 'ManagedEntityStatus',
      rebootRequired: 'boolean',
    },
  },
  HostListSummaryQuickStats: {
    fields: { overallCpuUsage: 'int?', overallMemoryUsage: 'int?', uptime: 'int?' },
  },
  HostHardwareSummary: {
    fields: {
      vendor: 'string',
      model: 'string',
      family: 'string?',
      uuid: 'string',
      memorySize: 'long',
      cpuModel: 'string',
      cpuMhz: 'int',
      numCpuPkgs: 'short',
      numCpuCores: 'short',
      numCpuThreads: 'short',
      numNics: 'int',
      numHBAs: 'int',
    },
  },
  HostConfigSummary: {
    fields: {
      name: 'string',
      port: 'int',
      sslThumbprint: 'string?',
      product: 'AboutInfo?',
      vmotionEnabled: 'boolean',
      faultToleranceEnabled: 'boolean',
    },
  },
  HostHardwareInfo: {
    fields: {
      systemInfo: 'HostSystemInfo',
      cpuInfo: 'HostCpuInfo',
      memorySize: 'long',
      pciDevice: 'HostPciDevice*',
    },
  },
  HostSystemInfo: { fields: { vendor: 'string', model: 'string', uuid: 'string', serialNumber: 'string?' } },
  HostCpuInfo: {
    fields: { numCpuPackages: 'short', numCpuCores: 'short', numCpuThreads: 'short', hz: 'long' },
  },
  HostPciDevice: {
    fields: {
      id: 'string',
      classId: 'short',
      bus: 'byte',
      slot: 'byte',
      physicalSlot: 'int?',
      slotDescription: 'string?',
      function: 'byte',
      vendorId: 'short',
      subVendorId: 'short',
      vendorName: 'string',
      deviceId: 'short',
      subDeviceId: 'short',
      parentBridge: 'string?',
      deviceName: 'string',
      deviceClassName: 'string?',
    },
  },
  HostPciPassthruInfo: {
    fields: {
      id: 'string',
      dependentDevice: 'string',
      passthruEnabled: 'boolean',
      passthruCapable: 'boolean',
      passthruActive: 'boolean',
      hardwareLabel: 'string?',
    },
  },
  HostPciPassthruConfig: {
    fields: { id: 'string', passthruEnabled: 'boolean', applyNow: 'boolean?', hardwareLabel: 'string?' },
  },
  HostRuntimeInfo: {
    fields: {
      connectionState: 'HostSystemConnectionState',
      powerState: 'HostSystemPowerState',
      inMaintenanceMode: 'boolean',
      bootTime: 'dateTime?',
    },
  },
  HostConfigInfo: {
    fields: {
      host: 'ref',
      product: 'AboutInfo',
      network: 'HostNetworkInfo?',
      option: 'OptionValue*',
      optionDef: 'OptionDef*',
      pciPassthruInfo: 'HostPciPassthruInfo*',
    },
  },
  HostCapability: {
    fields: {
      rebootSupported: 'boolean',
      vmotionSupported: 'boolean?',
      maintenanceModeSupported: 'boolean',
      deviceRebindWithoutRebootSupported: 'boolean?',
    },
  },
} as const satisfies TypeTable
