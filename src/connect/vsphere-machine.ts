import { ConnectError } from '../model/error.ts'
import { chooseHost } from './govmomi/object/choose-host.ts'
import type { Host } from './govmomi/object/host.ts'
import { readMachine, type Machine } from './govmomi/object/machine.ts'
import { choosesHosts, powerOn, type PowerOn } from './govmomi/object/power.ts'
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

// Where a cluster does not choose, a machine is switched on where it is; from a host that runs nothing it has to go elsewhere,
// unless it has a card of that host.
async function findWhere(
  { finder, properties }: Ground,
  { ref, name, host, cards }: Machine,
  path: string,
): Promise<Pick<PowerOn, 'datacenter' | 'host'>> {
  if (host === undefined) return {}
  const own = await properties.get('HostSystem', host, [
    'parent',
    'runtime.connectionState',
    'runtime.inMaintenanceMode',
  ])
  const { parent } = own
  if (parent?.type !== 'ClusterComputeResource') return {}
  if (await choosesHosts(properties, parent)) {
    return { datacenter: await finder.find('Datacenter', datacenterPathOf(path)) }
  }
  const isReady = own['runtime.connectionState'] === 'connected' && !own['runtime.inMaintenanceMode']
  if (isReady || cards.length > 0) return {}
  const { datastore, network } = await properties.get('VirtualMachine', ref, ['datastore', 'network'])
  const needs = {
    compute: parent,
    name,
    datastores: datastore,
    networks: network,
    apart: [],
    arriving: new Map<string, string>(),
  }
  return { host: await chooseHost(properties, needs) }
}

/** Switches on the machine at a path: on a host that its cluster chooses, or else on its own one if that can run machines. */
export async function switchOn(
  ground: Ground,
  path: string,
  { stays, answer, onProgress }: PowerOnOptions,
): Promise<void> {
  const machine = await requireMachine(ground, path)
  const where = stays ? {} : await findWhere(ground, machine, path)
  await powerOn(ground, machine, { ...where, answer, onProgress })
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
