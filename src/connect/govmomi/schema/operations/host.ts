import type { OperationTable } from '../shape.ts'

/** Hosts and switches: port groups, advanced options, PCI passthrough, reboots. */
export const hostOperations = {
  AddPortGroup: { on: 'HostNetworkSystem', mutates: true, params: { portgrp: 'HostPortGroupSpec' } },
  UpdatePortGroup: {
    on: 'HostNetworkSystem',
    mutates: true,
    repeatable: true,
    params: { pgName: 'string', portgrp: 'HostPortGroupSpec' },
  },
  RemovePortGroup: { on: 'HostNetworkSystem', mutates: true, params: { pgName: 'string' } },
  AddDVPortgroup_Task: {
    on: 'DistributedVirtualSwitch',
    mutates: true,
    params: { spec: 'DVPortgroupConfigSpec+' },
    result: 'ref',
  },
  ReconfigureDVPortgroup_Task: {
    on: 'DistributedVirtualPortgroup',
    mutates: true,
    params: { spec: 'DVPortgroupConfigSpec' },
    result: 'ref',
  },
  QueryOptions: {
    on: 'OptionManager',
    mutates: false,
    params: { name: 'string?' },
    result: 'OptionValue*',
  },
  UpdateOptions: {
    on: 'OptionManager',
    mutates: true,
    repeatable: true,
    params: { changedValue: 'OptionValue+' },
  },
  UpdatePassthruConfig: {
    on: 'HostPciPassthruSystem',
    mutates: true,
    repeatable: true,
    params: { config: 'HostPciPassthruConfig+' },
  },
  Refresh: { on: 'HostPciPassthruSystem', mutates: true, params: {} },
  RebootHost_Task: { on: 'HostSystem', mutates: true, params: { force: 'boolean' }, result: 'ref' },
  EnterMaintenanceMode_Task: {
    on: 'HostSystem',
    mutates: true,
    params: { timeout: 'int', evacuatePoweredOffVms: 'boolean?' },
    result: 'ref',
  },
  ExitMaintenanceMode_Task: { on: 'HostSystem', mutates: true, params: { timeout: 'int' }, result: 'ref' },
} as const satisfies OperationTable
