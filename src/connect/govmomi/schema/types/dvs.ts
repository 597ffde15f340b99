import type { TypeTable } from '../shape.ts'

/** Distributed switches, and the policies that their ports inherit. */
export const dvsTypes = {
  BoolPolicy: { extends: 'InheritablePolicy', fields: { value: 'boolean?' } },
  IntPolicy: { extends: 'InheritablePolicy', fields: { value: 'int?' } },
  StringPolicy: { extends: 'InheritablePolicy', fields: { value: 'string?' } },
  LongPolicy: { extends: 'InheritablePolicy', fields: { value: 'long?' } },
  InheritablePolicy: { fields: { inherited: 'boolean' } },
  DVSConfigInfo: {
    fields: {
      uuid: 'string',
      name: 'string',
      numStandalonePorts: 'int',
      numPorts: 'int',
      maxPorts: 'int',
      uplinkPortPolicy: 'DVSUplinkPortPolicy',
      uplinkPortgroup: 'ref*',
      defaultPortConfig: 'DVPortSetting',
      host: 'DistributedVirtualSwitchHostMember*',
      productInfo: 'DistributedVirtualSwitchProductSpec',
      extensionKey: 'string?',
      description: 'string?',
      configVersion: 'string',
      createTime: 'dateTime',
    },
  },
  VMwareDVSConfigInfo: { extends: 'DVSConfigInfo', fields: { maxMtu: 'int' } },
  DVSUplinkPortPolicy: { fields: {} },
  DVSNameArrayUplinkPortPolicy: { extends: 'DVSUplinkPortPolicy', fields: { uplinkPortName: 'string+' } },
  DVSSummary: {
    fields: {
      name: 'string',
      uuid: 'string',
      numPorts: 'int',
      productInfo: 'DistributedVirtualSwitchProductSpec?',
      hostMember: 'ref*',
      vm: 'ref*',
      host: 'ref*',
      portgroupName: 'string*',
      description: 'string?',
      numHosts: 'int?',
    },
  },
  DistributedVirtualSwitchProductSpec: {
    fields: {
      name: 'string?',
      vendor: 'string?',
      version: 'string?',
      build: 'string?',
      forwardingClass: 'string?',
      bundleId: 'string?',
      bundleUrl: 'string?',
    },
  },
  DistributedVirtualSwitchHostMember: {
    fields: {
      config: 'DistributedVirtualSwitchHostMemberConfigInfo',
      productInfo: 'DistributedVirtualSwitchProductSpec?',
      uplinkPortKey: 'string*',
      status: 'string',
    },
  },
  DistributedVirtualSwitchHostMemberConfigInfo: {
    fields: {
      host: 'ref?',
      maxProxySwitchPorts: 'int',
      backing: 'DistributedVirtualSwitchHostMemberBacking',
    },
  },
  DistributedVirtualSwitchHostMemberBacking: { fields: {} },
  DistributedVirtualSwitchHostMemberPnicBacking: {
    extends: 'DistributedVirtualSwitchHostMemberBacking',
    fields: { pnicSpec: 'DistributedVirtualSwitchHostMemberPnicSpec*' },
  },
  DistributedVirtualSwitchHostMemberPnicSpec: {
    fields: {
      pnicDevice: 'string',
      uplinkPortKey: 'string?',
      uplinkPortgroupKey: 'string?',
      connectionCookie: 'int?',
    },
  },
  DistributedVirtualSwitchPortConnection: {
    fields: { switchUuid: 'string', portgroupKey: 'string?', portKey: 'string?', connectionCookie: 'int?' },
  },
} as const satisfies TypeTable
