import type { TypeName } from '../../../connect/govmomi/schema/types.ts'
import type { Input, MoRef } from '../../../connect/govmomi/schema/values.ts'

/** A fault as the codec encodes it. */
export type Fault = { readonly $type: TypeName; readonly [field: string]: unknown }

/** A fault of the API: what a method throws, and what a client gets as the detail of a SOAP fault. */
export class MethodFault extends Error {
  readonly fault: Fault

  constructor(fault: Fault, message: string) {
    super(message)
    this.name = 'MethodFault'
    this.fault = fault
  }
}

/** What a task, a lease or a warning holds of a fault. */
export function toLocalizedFault({ fault, message }: MethodFault): Input<'LocalizedMethodFault'> {
  return { fault, localizedMessage: message }
}

const STATES: Readonly<Record<string, string>> = { poweredOn: 'Powered on', poweredOff: 'Powered off' }

/** The faults that methods throw, in the words of a real server. */
export const faults = {
  /** A request that does not follow the schema. */
  invalidRequest: (message: string) => new MethodFault({ $type: 'InvalidRequest' }, message),
  invalidLogin: () =>
    new MethodFault(
      { $type: 'InvalidLogin' },
      'Cannot complete login due to an incorrect user name or password.',
    ),
  notAuthenticated: (object: MoRef) =>
    new MethodFault(
      { $type: 'NotAuthenticated', object, privilegeId: 'System.View' },
      'The session is not authenticated.',
    ),
  noPermission: (object: MoRef, privilegeId: string) =>
    new MethodFault(
      { $type: 'NoPermission', object, privilegeId },
      'Permission to perform this operation was denied.',
    ),
  restrictedVersion: () =>
    new MethodFault(
      { $type: 'RestrictedVersion' },
      'Current license or ESXi version prohibits execution of the requested operation.',
    ),
  objectNotFound: (obj: MoRef) =>
    new MethodFault(
      { $type: 'ManagedObjectNotFound', obj },
      `The object 'vim.${obj.type}:${obj.value}' has already been deleted or has not been completely created`,
    ),
  methodNotFound: (receiver: MoRef, method: string) =>
    new MethodFault(
      { $type: 'MethodNotFound', receiver, method },
      `Object of type 'vim.${receiver.type}' does not have the method '${method}'`,
    ),
  notSupported: () =>
    new MethodFault({ $type: 'NotSupported' }, 'The operation is not supported on the object.'),
  invalidPowerState: (existing: string, requested: string) =>
    new MethodFault(
      { $type: 'InvalidPowerState', requestedState: requested, existingState: existing },
      `The attempted operation cannot be performed in the current state (${STATES[existing] ?? existing}).`,
    ),
  invalidState: () =>
    new MethodFault(
      { $type: 'InvalidState' },
      'The operation is not allowed in the current state of the object.',
    ),
  invalidArgument: (argument: string) =>
    new MethodFault(
      { $type: 'InvalidArgument', invalidProperty: argument },
      `A specified parameter was not correct: ${argument}`,
    ),
  invalidProperty: (name: string) =>
    new MethodFault({ $type: 'InvalidProperty', name }, `The property '${name}' does not exist.`),
  invalidName: (name: string) =>
    new MethodFault({ $type: 'InvalidName', name }, `The name '${name}' is invalid.`),
  invalidVersion: () =>
    new MethodFault({ $type: 'InvalidCollectorVersion' }, 'The collector has no such version.'),
  requestCanceled: () => new MethodFault({ $type: 'RequestCanceled' }, 'The task was canceled by a user.'),
  duplicateName: (name: string, object: MoRef) =>
    new MethodFault({ $type: 'DuplicateName', name, object }, `The name '${name}' already exists.`),
  alreadyExists: (name: string) =>
    new MethodFault(
      { $type: 'AlreadyExists', name },
      `The specified key, name, or identifier '${name}' already exists.`,
    ),
  notFound: () =>
    new MethodFault({ $type: 'NotFound' }, 'The object or item referred to could not be found.'),
  fileNotFound: (file: string) =>
    new MethodFault({ $type: 'FileNotFound', file }, `File ${file} was not found`),
  concurrentAccess: () =>
    new MethodFault({ $type: 'ConcurrentAccess' }, 'The resource has been modified since it was read.'),
  resourceInUse: (name: string) =>
    new MethodFault({ $type: 'ResourceInUse', name }, `The resource '${name}' is in use.`),
  taskInProgress: (task: MoRef) =>
    new MethodFault(
      { $type: 'TaskInProgress', task },
      'The operation is not allowed: another task is already in progress.',
    ),
  timedOut: () => new MethodFault({ $type: 'Timedout' }, 'Operation timed out.'),
  invalidDevice: (index: number) =>
    new MethodFault(
      { $type: 'InvalidDeviceSpec', property: `deviceChange[${index}].device`, deviceIndex: index },
      `Invalid configuration for device '${index}'.`,
    ),
  vmConfig: (reason: string) => new MethodFault({ $type: 'GenericVmConfigFault', reason }, reason),
  ovf: (message: string) => new MethodFault({ $type: 'OvfInvalidPackage', lineNumber: 0 }, message),
  insufficientMemory: (unreserved: bigint, requested: bigint) =>
    new MethodFault(
      { $type: 'InsufficientMemoryResourcesFault', unreserved, requested },
      'The available Memory resources in the parent resource pool are insufficient for the operation.',
    ),
  noDiskSpace: (file: string, datastore: string) =>
    new MethodFault(
      { $type: 'NoDiskSpace', file, datastore },
      `Insufficient disk space on datastore '${datastore}'.`,
    ),
  hostNotConnected: () =>
    new MethodFault(
      { $type: 'HostNotConnected' },
      'Unable to communicate with the remote host, since it is disconnected.',
    ),
  hostState: (host: MoRef) =>
    new MethodFault(
      { $type: 'InvalidHostState', host },
      'The operation is not allowed in the current state of the host.',
    ),
  networkMapping: (network: string) =>
    new MethodFault(
      { $type: 'OvfNetworkMappingNotSupported' },
      `The network '${network}' is not accessible on any host of the target.`,
    ),
  cannotAccessNetwork: (card: string, backing: string) =>
    new MethodFault(
      { $type: 'CannotAccessNetwork', device: card, backing, connected: true },
      `Currently connected network interface '${card}' uses network '${backing}', which is not accessible.`,
    ),
  ruleViolation: (rule: Input<'ClusterRuleInfo'>, host: MoRef) =>
    new MethodFault(
      { $type: 'RuleViolation', host, rule },
      `The virtual machine would violate the rule '${rule.name ?? ''}' on the host.`,
    ),
  http: (statusCode: number, statusMessage: string) =>
    new MethodFault(
      { $type: 'HttpFault', statusCode, statusMessage },
      `The server answered with HTTP ${statusCode}: ${statusMessage}`,
    ),
  toolsUnavailable: () =>
    new MethodFault(
      { $type: 'ToolsUnavailable' },
      'Cannot complete operation because VMware Tools is not running in this virtual machine.',
    ),
  systemError: (reason: string) =>
    new MethodFault({ $type: 'SystemError', reason }, `A general system error occurred: ${reason}`),
} as const
