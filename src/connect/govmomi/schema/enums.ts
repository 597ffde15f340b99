import type { EnumTable } from './shape.ts'

/** Enumerations: the values a server accepts. An answer may hold newer ones. */
export const enums = {
  ArrayUpdateOperation: ['add', 'remove', 'edit'],
  DrsBehavior: ['manual', 'partiallyAutomated', 'fullyAutomated'],
  HostSystemConnectionState: ['connected', 'notResponding', 'disconnected'],
  HostSystemPowerState: ['poweredOn', 'poweredOff', 'standBy', 'unknown'],
  LatencySensitivitySensitivityLevel: ['low', 'normal', 'medium', 'high', 'custom'],
  ManagedEntityStatus: ['gray', 'green', 'yellow', 'red'],
  ObjectUpdateKind: ['modify', 'enter', 'leave'],
  PropertyChangeOp: ['add', 'remove', 'assign', 'indirectRemove'],
  SharesLevel: ['low', 'normal', 'high', 'custom'],
  TaskInfoState: ['queued', 'running', 'success', 'error'],
  VirtualDeviceConfigSpecFileOperation: ['create', 'destroy', 'replace'],
  VirtualDeviceConfigSpecOperation: ['add', 'remove', 'edit'],
  VirtualMachineConnectionState: ['connected', 'disconnected', 'orphaned', 'inaccessible', 'invalid'],
  VirtualMachineMovePriority: ['lowPriority', 'highPriority', 'defaultPriority'],
  VirtualMachinePowerState: ['poweredOff', 'poweredOn', 'suspended'],
  VirtualMachineRelocateTransformation: ['flat', 'sparse'],
  VirtualMachineToolsStatus: ['toolsNotInstalled', 'toolsNotRunning', 'toolsOld', 'toolsOk'],
  VirtualSCSISharing: ['noSharing', 'virtualSharing', 'physicalSharing'],
  HttpNfcLeaseState: ['initializing', 'ready', 'done', 'error'],
} as const satisfies EnumTable
