import { ConnectError } from '../model/error.ts'
import type { Host } from './govmomi/object/host.ts'
import { readMachine, type Machine } from './govmomi/object/machine.ts'
import { choosesHosts, powerOn } from './govmomi/object/power.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import type { Ground } from './vsphere-ground.ts'
import type { PowerOnOptions } from './vsphere.ts'

/** Milliseconds of wall time that a host is given to take a connection. */
const KNOCK = 5000

/** The inventory path of the datacenter that something is in: `/FRA` of `/FRA/vm/edges/fra-1-a`. */
export function datacenterPathOf(path: string): string {
  const at = path.search(/\/(vm|host|network|datastore)(\/|$)/)
  return at < 0 ? path : path.slice(0, at)
}

/** The virtual machine at a path. Throws a `VimError` that names what is there instead. */
export async function requireMachine({ finder, properties }: Ground, path: string): Promise<Machine> {
  return readMachine(properties, await finder.require('VirtualMachine', path))
}

async function datacenterOf({ finder, properties }: Ground, { host }: Machine, path: string) {
  if (host === undefined) return undefined
  const { parent } = await properties.get('HostSystem', host, ['parent'])
  if (parent === undefined || !(await choosesHosts(properties, parent))) return undefined
  return finder.find('Datacenter', datacenterPathOf(path))
}

/** Switches on the machine at a path, on a host that its cluster chooses where it does so. */
export async function switchOn(
  ground: Ground,
  path: string,
  { stays, answer, onProgress }: PowerOnOptions,
): Promise<void> {
  const machine = await requireMachine(ground, path)
  const datacenter: MoRef | undefined = stays ? undefined : await datacenterOf(ground, machine, path)
  await powerOn(ground, machine, { datacenter, answer, onProgress })
}

/** Why no connection can be opened to a host that takes uploads; undefined where one can. */
export async function knock(
  { session, signal }: Ground,
  { name: host, port }: Pick<Host, 'name' | 'port'>,
): Promise<string | undefined> {
  const patience = AbortSignal.timeout(KNOCK)
  try {
    const socket = await session.dial({ host, port }, { signal: AbortSignal.any([signal, patience]) })
    socket.destroy()
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (patience.aborted) return `no answer within ${KNOCK / 1000} s`
    if (error instanceof ConnectError) return error.message
    throw error
  }
}
