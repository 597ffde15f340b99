import type { TypeTable } from '../shape.ts'

/** Distributed port groups and their settings. */
export const dvsPortgroupTypes = {
  DVPortgroupConfigSpec: {
    fields: {
      configVersion: 'string?',
      name: 'string?',
      numPorts: 'int?',
      portNameFormat: 'string?',
      defaultPortConfig: 'DVPortSetting?',
      description: 'string?',
      type: 'string?',
      backingType: 'string?',
      scope: 'ref*',
      policy: 'DVPortgroupPolicy?',
      autoExpand: 'boolean?',
    },
  },
  DVPortgroupConfigInfo: {
    fields: {
      key: 'string',
      name: 'string',
      numPorts: 'int',
      distributedVirtualSwitch: 'ref?',
      defaultPortConfig: 'DVPortSetting?',
      description: 'string?',
      type: 'string',
      backingType: 'string?',
      policy: 'DVPortgroupPolicy',
      portNameFormat: 'string?',
      scope: 'ref*',
      configVersion: 'string?',
      autoExpand: 'boolean?',
      uplink: 'boolean?',
    },
  },
  DVPortSetting: {
    fields: {
      blocked: 'BoolPolicy?',
      vmDirectPathGen2Allowed: 'BoolPolicy?',
      inShapingPolicy: 'DVSTrafficShapingPolicy?',
      outShapingPolicy: 'DVSTrafficShapingPolicy?',
      networkResourcePoolKey: 'StringPolicy?',
    },
  },
  DVSTrafficShapingPolicy: {
    extends: 'InheritablePolicy',
    fields: {
      enabled: 'BoolPolicy?',
      averageBandwidth: 'LongPolicy?',
      peakBandwidth: 'LongPolicy?',
      burstSize: 'LongPolicy?',
    },
  },
  VMwareDVSPortSetting: {
    extends: 'DVPortSetting',
    fields: {
      vlan: 'VmwareDistributedVirtualSwitchVlanSpec?',
      qosTag: 'IntPolicy?',
      uplinkTeamingPolicy: 'VmwareUplinkPortTeamingPolicy?',
      securityPolicy: 'DVSSecurityPolicy?',
      ipfixEnabled: 'BoolPolicy?',
      txUplink: 'BoolPolicy?',
      macManagementPolicy: 'DVSMacManagementPolicy?',
      VNI: 'IntPolicy?',
    },
  },
  DVPortgroupPolicy: {
    fields: {
      blockOverrideAllowed: 'boolean',
      shapingOverrideAllowed: 'boolean',
      vendorConfigOverrideAllowed: 'boolean',
      livePortMovingAllowed: 'boolean',
      portConfigResetAtDisconnect: 'boolean',
      networkResourcePoolOverrideAllowed: 'boolean?',
      trafficFilterOverrideAllowed: 'boolean?',
    },
  },
  VMwareDVSPortgroupPolicy: {
    extends: 'DVPortgroupPolicy',
    fields: {
      vlanOverrideAllowed: 'boolean',
      uplinkTeamingOverrideAllowed: 'boolean',
      securityPolicyOverrideAllowed: 'boolean',
      ipfixOverrideAllowed: 'boolean?',
      macManagementOverrideAllowed: 'boolean?',
    },
  },
  DVSSecurityPolicy: {
    extends: 'InheritablePolicy',
    fields: { allowPromiscuous: 'BoolPolicy?', macChanges: 'BoolPolicy?', forgedTransmits: 'BoolPolicy?' },
  },
  DVSMacManagementPolicy: {
    extends: 'InheritablePolicy',
    fields: {
      allowPromiscuous: 'boolean?',
      macChanges: 'boolean?',
      forgedTransmits: 'boolean?',
      macLearningPolicy: 'DVSMacLearningPolicy?',
    },
  },
  DVSMacLearningPolicy: {
    extends: 'InheritablePolicy',
    fields: { enabled: 'boolean', allowUnicastFlooding: 'boolean?', limit: 'int?', limitPolicy: 'string?' },
  },
  VmwareDistributedVirtualSwitchVlanSpec: { extends: 'InheritablePolicy', fields: {} },
  VmwareDistributedVirtualSwitchVlanIdSpec: {
    extends: 'VmwareDistributedVirtualSwitchVlanSpec',
    fields: { vlanId: 'int' },
  },
  VmwareDistributedVirtualSwitchTrunkVlanSpec: {
    extends: 'VmwareDistributedVirtualSwitchVlanSpec',
    fields: { vlanId: 'NumericRange*' },
  },
  NumericRange: { fields: { start: 'int', end: 'int' } },
  VMwareUplinkPortOrderPolicy: {
    extends: 'InheritablePolicy',
    fields: { activeUplinkPort: 'string*', standbyUplinkPort: 'string*' },
  },
  VmwareUplinkPortTeamingPolicy: {
    extends: 'InheritablePolicy',
    fields: {
      policy: 'StringPolicy?',
      reversePolicy: 'BoolPolicy?',
      notifySwitches: 'BoolPolicy?',
      rollingOrder: 'BoolPolicy?',
      uplinkPortOrder: 'VMwareUplinkPortOrderPolicy?',
    },
  },
} as const satisfies TypeTable
