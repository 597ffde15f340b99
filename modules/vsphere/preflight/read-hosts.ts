import type { VSphereReader } from '#sdk'

import { CAVIUM, isCardOf } from '../nitrox-card.ts'
import type { HostFacts } from './facts.ts'
import type { Params } from './params.ts'
import type { Neighbour, Neighbours } from './read-machines.ts'
import type { FoundPlaces } from './read-places.ts'

type Host = Awaited<ReturnType<VSphereReader['hosts']>>[number]

const OPTION = 'Net.ReversePathFwdCheckPromisc'

/** PCI addresses of the cards that other machines of a host have in their configuration. */
async function readTaken(
  connection: VSphereReader,
  { ref }: Host,
  neighbours: readonly Neighbour[],
): Promise<ReadonlySet<string>> {
  const way = { from: ref, via: [{ type: 'HostSystem', path: 'vm' }] } as const
  const machines = await connection.list('VirtualMachine', way, ['config.hardware.device'])
  const own = new Set(neighbours.filter(({ here }) => here).map((machine) => machine.ref.value))
  const backings = machines
    .filter((machine) => !own.has(machine.ref.value))
    .flatMap(({ values }) => values['config.hardware.device'] ?? [])
    .map(({ backing }) => backing as { readonly id?: unknown } | undefined)
  return new Set(backings.flatMap((backing) => (typeof backing?.id === 'string' ? [backing.id] : [])))
}

async function readCards(
  connection: VSphereReader,
  host: Host,
  neighbours: readonly Neighbour[],
): Promise<HostFacts['cards']> {
  const cards = host.cards.filter((card) => isCardOf(CAVIUM, card))
  const taken = cards.length === 0 ? new Set() : await readTaken(connection, host, neighbours)
  return {
    total: cards.length,
    free: cards.filter(({ id }) => !taken.has(id)).length,
    capable: cards.every(({ capable }) => capable),
    active: cards.every(({ enabled, active }) => enabled && active),
  }
}

/** Whether the reverse path check matters on a host: promiscuous ports on a switch with several uplinks. */
const isTeamed = ({ ready, switches }: Host, { portGroups }: Params): boolean =>
  ready &&
  portGroups.some(
    (group) =>
      group.made && switches.some(({ name, uplinks }) => name === group.switch && uplinks.length > 1),
  )

async function readPathCheck(connection: VSphereReader, host: Host, params: Params): Promise<number | null> {
  if (!isTeamed(host, params)) return null
  const value = await connection.hostOption(host, OPTION)
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : null
}

/** Reads the hosts that may run the machines: all in one round trip, and what only a host itself can tell from each. */
export async function readHostFacts(
  connection: VSphereReader,
  { places, neighbours }: { readonly places: FoundPlaces; readonly neighbours: Neighbours },
  params: Params,
): Promise<readonly HostFacts[]> {
  const { datacenter, computeCluster, host: only } = params
  const { namesakes, claimedMB } = neighbours
  const compute = computeCluster ?? only
  if (places.datacenter === undefined || (compute !== undefined && places.compute === undefined)) return []
  const scope = computeCluster === undefined ? { datacenter, host: only } : { datacenter, computeCluster }
  const hosts = await connection.hosts(scope)
  const fresh = params.nodes.filter(
    ({ name }) => !namesakes.some((machine) => machine.here && machine.name === name),
  )
  // An upload goes to the host that a machine is made on; without a vCenter that is the server itself.
  const takesUploads = ({ name, ready }: Host): boolean =>
    ready &&
    connection.about.kind === 'vcenter' &&
    fresh.some((node) => node.host === undefined || node.host === name)
  return Promise.all(
    hosts.map(async (host): Promise<HostFacts> => {
      const hasDatastore = host.datastores.some(({ value }) => value === places.datastore?.value)
      const wantsCard = params.nodes.some((node) => node.nitrox && node.host === host.name)
      const [pathCheck, cards, unreachable] = await Promise.all([
        readPathCheck(connection, host, params),
        wantsCard ? readCards(connection, host, namesakes) : NO_CARDS,
        takesUploads(host) && hasDatastore ? connection.whyUnreachable(host) : undefined,
      ])
      return {
        id: host.ref.value,
        name: host.name,
        port: host.port,
        ready: host.ready,
        state: host.state,
        version: host.version,
        freeGB: Math.floor(host.memoryFreeGB - (claimedMB.get(host.ref.value) ?? 0) / 1024),
        // One that is missing altogether is told of as such.
        hasDatastore: hasDatastore || places.datastore === undefined,
        switches: host.switches.map(({ name, uplinks }) => ({ name, uplinks: uplinks.length })),
        portGroups: host.portGroups.map(({ name, spec }) => ({ name, switch: spec.vswitchName })),
        pathCheck,
        cards,
        unreachable: unreachable ?? null,
      }
    }),
  )
}

const NO_CARDS: HostFacts['cards'] = { total: 0, free: 0, capable: true, active: true }
