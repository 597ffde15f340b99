import type { ObjectTable } from './shape.ts'

/** Managed object types with the properties that are read, for typed reads and typed answers. */
export const objects = {
  ServiceInstance: { properties: { serverClock: 'dateTime', content: 'ServiceContent' } },
  SessionManager: { properties: { sessionList: 'UserSession*', currentSession: 'UserSession?' } },
  PropertyCollector: { properties: { filter: 'ref*' } },
  PropertyFilter: { properties: { spec: 'PropertyFilterSpec', partialUpdates: 'boolean' } },
  ViewManager: { properties: { viewList: 'ref*' } },
  ManagedObjectView: { properties: { view: 'ref*' } },
  ContainerView: {
    extends: 'ManagedObjectView',
    properties: { container: 'ref', type: 'string*', recursive: 'boolean' },
  },
  SearchIndex: { properties: {} },
  FileManager: { properties: {} },
  OvfManager: { properties: {} },
  AuthorizationManager: {
    properties: { privilegeList: 'AuthorizationPrivilege*', roleList: 'AuthorizationRole*' },
  },
  LicenseManager: {
    properties: {
      licensedEdition: 'string',
      licenses: 'LicenseManagerLicenseInfo*',
      licenseAssignmentManager: 'ref?',
      evaluation: 'LicenseManagerEvaluationInfo',
    },
  },
  LicenseAssignmentManager: { properties: {} },
  Task: { properties: { info: 'TaskInfo' } },
  HttpNfcLease: {
    properties: {
      initializeProgress: 'int',
      transferProgress: 'int',
      mode: 'string',
      capabilities: 'HttpNfcLeaseCapabilities',
      info: 'HttpNfcLeaseInfo?',
      state: 'HttpNfcLeaseState',
      error: 'LocalizedMethodFault?',
    },
  },
  OptionManager: { properties: { supportedOption: 'OptionDef*', setting: 'OptionValue*' } },
  EnvironmentBrowser: { properties: { datastoreBrowser: 'ref?' } },
  HostNetworkSystem: { properties: { networkInfo: 'HostNetworkInfo?' } },
  HostPciPassthruSystem: { properties: { pciPassthruInfo: 'HostPciPassthruInfo*' } },
  ManagedEntity: {
    properties: {
      parent: 'ref?',
      name: 'string',
      overallStatus: 'ManagedEntityStatus',
      disabledMethod: 'string*',
      effectiveRole: 'int*',
      recentTask: 'ref*',
    },
  },
  Folder: { extends: 'ManagedEntity', properties: { childType: 'string*', childEntity: 'ref*' } },
  Datacenter: {
    extends: 'ManagedEntity',
    properties: {
      vmFolder: 'ref',
      hostFolder: 'ref',
      datastoreFolder: 'ref',
      networkFolder: 'ref',
      datastore: 'ref*',
      network: 'ref*',
    },
  },
  ComputeResource: {
    extends: 'ManagedEntity',
    properties: {
      resourcePool: 'ref?',
      host: 'ref*',
      datastore: 'ref*',
      network: 'ref*',
      summary: 'ComputeResourceSummary',
      environmentBrowser: 'ref?',
    },
  },
  ClusterComputeResource: {
    extends: 'ComputeResource',
    properties: { configurationEx: 'ClusterConfigInfoEx?' },
  },
  ResourcePool: {
    extends: 'ManagedEntity',
    properties: {
      summary: 'ResourcePoolSummary',
      owner: 'ref',
      resourcePool: 'ref*',
      vm: 'ref*',
      config: 'ResourceConfigSpec',
    },
  },
  HostSystem: {
    extends: 'ManagedEntity',
    properties: {
      runtime: 'HostRuntimeInfo',
      summary: 'HostListSummary',
      hardware: 'HostHardwareInfo?',
      capability: 'HostCapability?',
      configManager: 'HostConfigManager',
      config: 'HostConfigInfo?',
      vm: 'ref*',
      datastore: 'ref*',
      network: 'ref*',
    },
  },
  Datastore: {
    extends: 'ManagedEntity',
    properties: { info: 'DatastoreInfo', summary: 'DatastoreSummary', vm: 'ref*', browser: 'ref' },
  },
  Network: {
    extends: 'ManagedEntity',
    properties: { summary: 'NetworkSummary', host: 'ref*', vm: 'ref*' },
  },
  DistributedVirtualPortgroup: {
    extends: 'Network',
    properties: { key: 'string', config: 'DVPortgroupConfigInfo', portKeys: 'string*' },
  },
  DistributedVirtualSwitch: {
    extends: 'ManagedEntity',
    properties: { uuid: 'string', summary: 'DVSSummary', config: 'DVSConfigInfo', portgroup: 'ref*' },
  },
  VmwareDistributedVirtualSwitch: { extends: 'DistributedVirtualSwitch', properties: {} },
  VirtualMachine: {
    extends: 'ManagedEntity',
    properties: {
      config: 'VirtualMachineConfigInfo?',
      environmentBrowser: 'ref',
      resourcePool: 'ref?',
      runtime: 'VirtualMachineRuntimeInfo',
      guest: 'GuestInfo?',
      summary: 'VirtualMachineSummary',
      datastore: 'ref*',
      network: 'ref*',
      rootSnapshot: 'ref*',
    },
  },
} as const satisfies ObjectTable

/** Name of a managed object type. */
export type ObjectName = keyof typeof objects
