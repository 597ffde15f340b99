import type { OperationTable } from '../shape.ts'

/** Virtual machines, and the folders that hold them. */
export const machineOperations = {
  PowerOnVM_Task: { on: 'VirtualMachine', mutates: true, params: { host: 'ref?' }, result: 'ref' },
  PowerOffVM_Task: { on: 'VirtualMachine', mutates: true, params: {}, result: 'ref' },
  ResetVM_Task: { on: 'VirtualMachine', mutates: true, params: {}, result: 'ref' },
  ShutdownGuest: { on: 'VirtualMachine', mutates: true, params: {} },
  ReconfigVM_Task: {
    on: 'VirtualMachine',
    mutates: true,
    params: { spec: 'VirtualMachineConfigSpec' },
    result: 'ref',
  },
  CloneVM_Task: {
    on: 'VirtualMachine',
    mutates: true,
    params: { folder: 'ref', name: 'string', spec: 'VirtualMachineCloneSpec' },
    result: 'ref',
  },
  RelocateVM_Task: {
    on: 'VirtualMachine',
    mutates: true,
    params: { spec: 'VirtualMachineRelocateSpec', priority: 'VirtualMachineMovePriority?' },
    result: 'ref',
  },
  CreateSnapshot_Task: {
    on: 'VirtualMachine',
    mutates: true,
    params: { name: 'string', description: 'string?', memory: 'boolean', quiesce: 'boolean' },
    result: 'ref',
  },
  MarkAsTemplate: { on: 'VirtualMachine', mutates: true, params: {} },
  MarkAsVirtualMachine: { on: 'VirtualMachine', mutates: true, params: { pool: 'ref', host: 'ref?' } },
  AnswerVM: {
    on: 'VirtualMachine',
    mutates: true,
    params: { questionId: 'string', answerChoice: 'string' },
  },
  PutUsbScanCodes: {
    on: 'VirtualMachine',
    mutates: true,
    params: { spec: 'UsbScanCodeSpec' },
    result: 'int',
  },
  CreateScreenshot_Task: { on: 'VirtualMachine', mutates: true, params: {}, result: 'ref' },
  AcquireTicket: {
    on: 'VirtualMachine',
    mutates: true,
    params: { ticketType: 'string' },
    result: 'VirtualMachineTicket',
  },
  Destroy_Task: { on: 'ManagedEntity', mutates: true, params: {}, result: 'ref' },
  Rename_Task: { on: 'ManagedEntity', mutates: true, params: { newName: 'string' }, result: 'ref' },
  CreateFolder: { on: 'Folder', mutates: true, params: { name: 'string' }, result: 'ref' },
  DeleteDatastoreFile_Task: {
    on: 'FileManager',
    mutates: true,
    params: { name: 'string', datacenter: 'ref?' },
    result: 'ref',
  },
  QueryConfigTarget: {
    on: 'EnvironmentBrowser',
    mutates: false,
    params: { host: 'ref?' },
    result: 'ConfigTarget?',
  },
} as const satisfies OperationTable
