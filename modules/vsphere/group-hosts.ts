import { joinPath, ModuleError, type ModuleContext, type VSphereReader } from '#sdk'

type Host = Awaited<ReturnType<VSphereReader['hosts']>>[number]

/** A standard port group, and the hosts that are to have it. */
interface WantedGroup {
  readonly name: string
  readonly switch: string
  readonly datacenter: string
  readonly computeCluster?: string | undefined
  readonly host?: string | undefined
  /** Where the machines are that it is for. */
  readonly datastore?: string | undefined
}

/** Where the port group is to be: on the whole cluster's hosts, even where a machine is pinned to one, for it may have to move. */
export const scopeOf = ({ datacenter, computeCluster, host }: WantedGroup) =>
  computeCluster === undefined ? { datacenter, host } : { datacenter, computeCluster }

function explainObstacle(
  { switches, portGroups }: Host,
  { name, switch: wanted }: WantedGroup,
): string | undefined {
  const on = portGroups.find((group) => group.name === name)?.spec.vswitchName
  if (on !== undefined) return on === wanted ? undefined : `has ${name} on ${on}, not on ${wanted}`
  return switches.some((known) => known.name === wanted) ? undefined : `has no ${wanted}`
}

/**
 * Why a host is left out; undefined where it gets the port group. One that can run no machine as it is gets it, too, because it
 * may come back; but where it cannot have it, nobody waits for that. `datastore` is the id of the machines' one.
 */
export function explainLeftOut(
  host: Host,
  wanted: WantedGroup,
  datastore: string | undefined,
): string | undefined {
  const { name, ready, connected, state } = host
  if (!connected) return `${name} is ${state}: its port groups are left out; run again when it is back`
  const obstacle = explainObstacle(host, wanted)
  const isReached = datastore === undefined || host.datastores.some(({ value }) => value === datastore)
  if (obstacle === undefined || (ready && isReached)) return undefined
  const idle = ready ? `cannot reach ${wanted.datastore}` : `is ${state}`
  return `${name} ${idle}, and ${obstacle}: its port groups are left out; run again when it is set up`
}

/** Reads the hosts that get a standard port group, and warns of every other one. */
export async function readGroupHosts(
  { connection, warn }: Pick<ModuleContext<VSphereReader, unknown>, 'connection' | 'warn'>,
  wanted: WantedGroup,
): Promise<readonly Host[]> {
  const { datacenter, datastore } = wanted
  const [all, ref] = await Promise.all([
    connection.hosts(scopeOf(wanted)),
    datastore === undefined
      ? undefined
      : connection.find('Datastore', joinPath(datacenter, 'datastore', datastore)),
  ])
  const left = all.map((host) => explainLeftOut(host, wanted, ref?.value))
  for (const reason of left) if (reason !== undefined) warn(reason)
  const found = all.filter((_, index) => left[index] === undefined)
  if (found.length > 0) return found
  const names = all.map(({ name }) => name).join(', ')
  if (all.some(({ connected }) => connected)) {
    throw new ModuleError(`none of ${names} can have the port group ${wanted.name} on ${wanted.switch}`, {
      hint: 'the warnings say why: set one of them up, or correct the switch in the inventory',
    })
  }
  throw new ModuleError(`none of ${names} is connected`, { hint: 'reconnect the hosts in vCenter' })
}
