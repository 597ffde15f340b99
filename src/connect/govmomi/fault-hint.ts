import type { Fault } from './codec/fault.ts'

const HINTS: Readonly<Record<string, string>> = {
  InvalidLogin: 'check the user name, with its domain, and the password',
  NoPermission: 'give the user’s role the missing privilege on this object',
  NotAuthenticated: 'the session has ended; log in again',
  RestrictedVersion:
    'the licence of this ESXi host is read-only (a free one); it needs one that includes the vSphere API',
  NotEnoughLicenses: 'assign a licence with room for this host or virtual machine',
  ManagedObjectNotFound: 'somebody removed it meanwhile; run again',
  DuplicateName: 'another object in that place has this name; rename or remove one of them',
  AlreadyExists: 'it exists already; run again to have it compared instead of created',
  ResourceInUse: 'something still uses it; find out what, and detach that first',
  InvalidPowerState: 'the virtual machine has to be in the other power state for this',
  InsufficientMemoryResourcesFault: 'free memory on the host, or place the virtual machine on another',
  NoDiskSpace: 'free space on the datastore, or choose another',
  ConcurrentAccess: 'somebody else changed it at the same time; run again',
  TaskInProgress: 'another task works on it; run again when that is done',
  HostNotConnected: 'reconnect the host in vCenter',
  Timedout: 'the server gave up waiting; look at its recent tasks',
}

/** What to do about a fault; undefined where its message has to speak for itself. */
export function hintOf({ type, detail }: Fault): string | undefined {
  const hint = HINTS[type]
  if (type !== 'NoPermission') return hint
  const privilege = (detail as { readonly privilegeId?: unknown }).privilegeId
  return typeof privilege === 'string'
    ? `give the user’s role the privilege ${privilege} on this object`
    : hint
}

/** A fault in words: the server's own, or its type where it said nothing, with the values that some types carry. */
export function describeFault({ type, message, detail }: Fault): string {
  const values = Object.entries(detail).flatMap(([key, value]) =>
    key !== '$type' && typeof value === 'string' ? [`${key} ${value}`] : [],
  )
  const text = message === '' ? type : message
  const suffix = [text === type ? '' : type, ...values].filter((part) => part !== '').join(', ')
  return suffix === '' ? text : `${text.replace(/\.$/, '')} (${suffix})`
}
