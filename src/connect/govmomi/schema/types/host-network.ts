import type { TypeTable } from '../shape.ts'

/** A host’s virtual switches, uplinks and standard port groups. What is sent back whole is complete. */
export const hostNetworkTypes = {
  HostNetworkInfo: {
    fields: {
      vswitch: 'HostVirtualSwitch*',
      proxySwitch: 'HostProxySwitch*',
      portgroup: 'HostPortGroup*',
      pnic: 'PhysicalNic*',
    },
  },
  HostVirtualSwitch: {
    fields: {
      name: 'string',
      key: 'string',
      numPorts: 'int',
      numPortsAvailable: 'int',
      mtu: 'int?',
      portgroup: 'string*',
      pnic: 'string*',
      spec: 'HostVirtualSwitchSpec',
    },
  },
  HostVirtualSwitchSpec: {
    fields: {
      numPorts: 'int',
      bridge: 'HostVirtualSwitchBridge?',
      policy: 'HostNetworkPolicy?',
      mtu: 'int?',
    },
  },
  HostVirtualSwitchBridge: { fields: {} },
  HostVirtualSwitchBondBridge: { extends: 'HostVirtualSwitchBridge', fields: { nicDevice: 'string+' } },
  HostProxySwitch: {
    fields: {
      dvsUuid: 'string',
      dvsName: 'string',
      key: 'string',
      numPorts: 'int',
      numPortsAvailable: 'int',
      uplinkPort: 'KeyValue*',
      mtu: 'int?',
      pnic: 'string*',
    },
  },
  PhysicalNic: {
    fields: {
      key: 'string?',
      device: 'string',
      pci: 'string',
      driver: 'string?',
      linkSpeed: 'PhysicalNicLinkInfo?',
      wakeOnLanSupported: 'boolean',
      mac: 'string',
    },
  },
  PhysicalNicLinkInfo: { fields: { speedMb: 'int', duplex: 'boolean' } },
  HostPortGroup: {
    fields: {
      key: 'string?',
      port: 'HostPortGroupPort*',
      vswitch: 'string?',
      computedPolicy: 'HostNetworkPolicy?',
      spec: 'HostPortGroupSpec',
    },
  },
  HostPortGroupSpec: {
    fields: { name: 'string', vlanId: 'int', vswitchName: 'string', policy: 'HostNetworkPolicy' },
  },
  HostNetworkPolicy: {
    fields: {
      security: 'HostNetworkSecurityPolicy?',
      nicTeaming: 'HostNicTeamingPolicy?',
      offloadPolicy: 'HostNetOffloadCapabilities?',
      shapingPolicy: 'HostNetworkTrafficShapingPolicy?',
    },
  },
  HostNetworkSecurityPolicy: {
    fields: { allowPromiscuous: 'boolean?', macChanges: 'boolean?', forgedTransmits: 'boolean?' },
  },
  HostNicTeamingPolicy: {
    fields: {
      policy: 'string?',
      reversePolicy: 'boolean?',
      notifySwitches: 'boolean?',
      rollingOrder: 'boolean?',
      failureCriteria: 'HostNicFailureCriteria?',
      nicOrder: 'HostNicOrderPolicy?',
    },
  },
  HostNicFailureCriteria: {
    fields: {
      checkSpeed: 'string?',
      speed: 'int?',
      checkDuplex: 'boolean?',
      fullDuplex: 'boolean?',
      checkErrorPercent: 'boolean?',
      percentage: 'int?',
      checkBeacon: 'boolean?',
    },
  },
  HostNicOrderPolicy: { fields: { activeNic: 'string*', standbyNic: 'string*' } },
  HostNetOffloadCapabilities: {
    fields: { csumOffload: 'boolean?', tcpSegmentation: 'boolean?', zeroCopyXmit: 'boolean?' },
  },
  HostNetworkTrafficShapingPolicy: {
    fields: { enabled: 'boolean?', averageBandwidth: 'long?', peakBandwidth: 'long?', burstSize: 'long?' },
  },
  HostPortGroupPort: { fields: { key: 'string?', mac: 'string*', type: 'string' } },
} as const satisfies TypeTable
