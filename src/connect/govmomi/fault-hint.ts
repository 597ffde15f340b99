import type { Fault } from './codec/fault.ts'
import { isSubtype } from './schema/lookup.ts'
import type { MoRef, Value } from './schema/values.ts'

// By type, and by the nearest base where a type has none of its own: subtypes stand before their bases.
const HINTS: Readonly<Record<string, string>> = {
  InvalidLogin: 'check the user name, with its domain, and the password',
  NotAuthenticated: 'the session has ended; log in again',
  NoPermission: 'give the user’s role the missing privilege on this object',
  RestrictedVersion:
    'the licence of this ESXi host is read-only (a free one); it needs one that includes the vSphere API',
  NotEnoughLicenses: 'assign a licence with room for this host or virtual machine',
  ManagedObjectNotFound: 'somebody removed it meanwhile; run again',
  DuplicateName: 'another object in that place has this name; rename or remove one of them',
  AlreadyExists: 'it exists already; run again to have it compared instead of created',
  ResourceInUse: 'something still uses it; find out what, and detach that first',
  NotFound: 'what it needs is not there any more; look for it in the inventory, and run again',
  NotSupported:
    'this server cannot do that: a standalone ESXi host knows no clones, templates and distributed switches',
  NotEnoughLogicalCpus: 'give the host fewer virtual machines, or the virtual machine fewer CPUs',
  InvalidPowerState: 'the virtual machine has to be in the other power state for this',
  InsufficientMemoryResourcesFault: 'free memory on the host, or place the virtual machine on another',
  InsufficientResourcesFault:
    'free memory or CPU on the host or in the resource pool, or place the virtual machine elsewhere',
  NoDiskSpace: 'free space on the datastore, or choose another',
  ConcurrentAccess: 'somebody else changed it at the same time; run again',
  TaskInProgress: 'another task works on it; run again when that is done',
  InvalidHostState: 'bring the host back to work: connected, and out of maintenance mode',
  InvalidState: 'look at its state in the vSphere client: something else may be going on with it',
  FileAlreadyExists: 'files of that name are left over on the datastore; look at them, and remove them',
  RuleViolation: 'a rule of the cluster forbids this placement; change the rule or the host',
  LimitExceeded: 'a limit of the server is reached; raise it, or remove what is not needed',
  HostNotConnected: 'reconnect the host in vCenter',
  Timedout: 'the server gave up waiting; look at its recent tasks',
  SystemError:
    'look at the events of the object in the vSphere client: they say more; run again when that is mended',
}

/** What to do where a task or a lease ended in a fault that nobody has thought of. */
export const TASK_HINT = 'look at it under the recent tasks in the vSphere client: its events say more'

/** What to do about a fault; undefined where its message has to speak for itself. */
export function hintOf({ type, detail }: Fault): string | undefined {
  const base = Object.keys(HINTS).find((name) => name === type || isSubtype(type, name))
  const hint = base === undefined ? undefined : HINTS[base]
  if (type !== 'NoPermission') return hint
  const privilege = (detail as { readonly privilegeId?: unknown }).privilegeId
  return typeof privilege === 'string'
    ? `give the user’s role the privilege ${privilege} on this object`
    : hint
}

function describeValue(key: string, value: unknown): readonly string[] {
  if (key === '$type') return []
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return [`${key} ${value}`]
  }
  const id = (value as Partial<MoRef> | undefined)?.value
  return typeof id === 'string' ? [`${key} ${id}`] : []
}

// The general words stand in the fault; what was really the matter, in what it brings with it.
function reasonsOf({ faultMessage, faultCause }: Value<'MethodFault'>): readonly string[] {
  const said = faultMessage.map(({ message }) => message)
  return [...said, faultCause?.localizedMessage].filter(
    (text) => text !== undefined && text !== '',
  ) as string[]
}

/** A fault in words: the server's own, or its type where it said nothing, with its reasons and the values of its type. */
export function describeFault({ type, message, detail }: Fault): string {
  const values = Object.entries(detail).flatMap(([key, value]) => describeValue(key, value))
  const text = message === '' ? type : message
  const suffix = [text === type ? '' : type, ...values].filter((part) => part !== '').join(', ')
  const brief = suffix === '' ? text : `${text.replace(/\.$/, '')} (${suffix})`
  const reasons = reasonsOf(detail).filter((reason) => reason !== message)
  return [brief.replace(/\.$/, ''), ...reasons].join(': ')
}
