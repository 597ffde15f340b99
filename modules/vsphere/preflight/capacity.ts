import type { Change } from '#sdk'

import type { Facts, HostFacts } from './facts.ts'
import type { Node, Params } from './params.ts'

/** GB that a host needs free for a NITROX card, beside the memory of the machine that has it. */
const CARD_GB = 8

/** GB that a thin disk of a fresh machine takes at least, with its image unpacked. */
const IMAGE_GB = 20

// A run that is limited to some nodes still prepares for the whole site: what fits only now would not fit the others later.
const AROUND =
  '. All nodes of the site are counted, whatever the run is limited to: --skip-tags preflight goes on'

const needOf = ({ memoryGB, nitrox }: Node): number => memoryGB + (nitrox ? CARD_GB : 0)

/** The machines that do not run yet. */
export function selectStarting({ machines }: Facts, { nodes }: Params): readonly Node[] {
  const running = new Set(machines.filter(({ here, on }) => here && on).map(({ name }) => name))
  return nodes.filter(({ name }) => !running.has(name))
}

/** A machine that runs, and is to have more memory than it has. */
export interface Growth {
  /** Id of the host that it runs on. */
  readonly hostId: string | null
  /** What it has, and what it gets beside that, in GB. */
  readonly has: number
  readonly more: number
}

/** The machines that run with less memory than they are to have, by name: on their host they need only what is new. */
export function selectGrowing({ machines }: Facts, { nodes }: Params): ReadonlyMap<string, Growth> {
  const running = new Map(machines.filter(({ here, on }) => here && on).map((one) => [one.name, one]))
  return new Map(
    nodes.flatMap(({ name, memoryGB }) => {
      const { hostId, memoryGB: has } = running.get(name) ?? { hostId: null, memoryGB }
      return has < memoryGB ? [[name, { hostId, has, more: memoryGB - has }]] : []
    }),
  )
}

/** Whether a host can run a machine at all. */
export function canRun({ ready, hasDatastore }: HostFacts): boolean {
  return ready && hasDatastore
}

/**
 * Puts each machine on the host where it leaves the least room, the largest first: the machines that no host has room for.
 * Those that are bound to a host come first.
 */
export function selectHomeless(
  hosts: readonly HostFacts[],
  nodes: readonly Node[],
  growing: ReadonlyMap<string, Growth> = new Map(),
): readonly Node[] {
  const usable = hosts.filter(canRun)
  const free = new Map(usable.map(({ id, freeGB }) => [id, freeGB]))
  const needAt = (node: Node, id: string): number => {
    const growth = growing.get(node.name)
    return growth?.hostId === id ? growth.more : needOf(node)
  }
  const order = nodes.toSorted(
    (a, b) => Number(b.host !== undefined) - Number(a.host !== undefined) || needOf(b) - needOf(a),
  )
  return order.filter((node) => {
    const candidates = usable
      .filter(({ name }) => node.host === undefined || node.host === name)
      .map(({ id }) => ({ id, left: (free.get(id) ?? 0) - needAt(node, id) }))
      .filter(({ left }) => left >= 0)
    const [best] = candidates.toSorted((a, b) => a.left - b.left)
    if (best === undefined) return true
    free.set(best.id, best.left)
    return false
  })
}

function describeNeed(node: Node, growth: Growth | undefined): string {
  if (growth !== undefined) return `${growth.more} more for ${node.name}, which has ${growth.has}`
  return `${needOf(node)} for ${node.name}${node.nitrox ? ' with its card' : ''}`
}

/** Memory that the hosts lack, an entry for each host that machines are bound to, and one for all others together. */
export function diffMemory(facts: Facts, params: Params): readonly Change[] {
  // A host that is missing or cannot be used is told of elsewhere.
  const usable = facts.hosts.filter(canRun)
  const starting = selectStarting(facts, params)
  const growing = selectGrowing(facts, params)
  const demanding = params.nodes.filter(
    (node) =>
      (starting.includes(node) || growing.has(node.name)) &&
      (node.host === undefined || usable.some(({ name }) => name === node.host)),
  )
  if (usable.length === 0) return []
  const homeless = selectHomeless(usable, demanding, growing)
  const places = [...new Set(homeless.map(({ host }) => host))]
  return places.map((place): Change => {
    const mine = homeless.filter(({ host }) => host === place)
    const free = usable
      .filter(({ name }) => place === undefined || name === place)
      .map(({ name, freeGB }) => (place === undefined ? `${name} ${freeGB}` : `${freeGB}`))
    return {
      path: `free memory of ${place ?? params.computeCluster ?? params.datacenter} (GB)`,
      from: free.join(', '),
      to: mine.map((node) => describeNeed(node, growing.get(node.name))).join(', '),
      note: `no host has that free beside the others; ${place === undefined ? 'add memory or hosts, or move other machines away' : 'move other machines away from it, or place the node elsewhere'}${AROUND}`,
    }
  })
}

/** Space that the datastore lacks. A thin disk needs little at first; the swap file of a machine needs its memory at once. */
export function diffSpace(facts: Facts, params: Params): readonly Change[] {
  const { datastore } = facts
  if (datastore === null) return []
  const path = `datastore ${params.datastore}`
  if (!datastore.accessible) {
    return [{ path, from: 'inaccessible', to: 'accessible', note: 'look at the storage of its hosts' }]
  }
  const needed = spaceOf(facts, params)
  if (needed <= datastore.freeGB) return []
  const disks = `${selectAbsent(facts, params).length} ${params.thin ? 'thin' : 'thick'} disks`
  const what = makesTemplate(facts, params) ? `${disks}, the template of their image` : disks
  return [
    {
      path: `free space on ${params.datastore} (GB)`,
      from: datastore.freeGB,
      to: needed,
      note: `for ${what}, and swap files as large as the memory; free space, or name another datastore${AROUND}`,
    },
  ]
}

const selectAbsent = ({ machines }: Facts, { nodes }: Params): readonly Node[] =>
  nodes.filter(({ name }) => !machines.some((machine) => machine.here && machine.name === name))

/** Whether the image itself will stay on the datastore, beside the machines that are cloned from it. */
const makesTemplate = (facts: Facts, params: Params): boolean =>
  params.template && facts.kind === 'vcenter' && !facts.hasTemplate && selectAbsent(facts, params).length > 0

function spaceOf(facts: Facts, params: Params): number {
  const { nodes, thin } = params
  const there = new Map(facts.machines.filter(({ here }) => here).map((machine) => [machine.name, machine]))
  const diskOf = ({ diskGB }: Node): number => (thin ? Math.min(IMAGE_GB, diskGB) : diskGB)
  const template = makesTemplate(facts, params) ? Math.max(...nodes.map(diskOf)) : 0
  return nodes.reduce((sum, node) => {
    const machine = there.get(node.name)
    // A machine that runs has the swap file for what it has. Memory that is reserved needs none.
    const has = machine?.on === true ? machine.memoryGB : 0
    const swap = node.nitrox ? 0 : Math.max(0, node.memoryGB - has)
    return sum + (machine === undefined ? diskOf(node) : 0) + swap
  }, template)
}

/** What the thin disks of new machines may come to, where the datastore would not hold it. */
export function noteOvercommitment(facts: Facts, params: Params): readonly string[] {
  const { thin, datastore: name } = params
  const { datastore } = facts
  const absent = selectAbsent(facts, params)
  if (datastore === null || !thin || absent.length === 0) return []
  const grown = absent.reduce((sum, { diskGB }) => sum + diskGB, 0)
  const left = datastore.freeGB - datastore.promisedGB
  return grown <= left
    ? []
    : [
        `${name} is overcommitted: its thin disks may grow by ${datastore.promisedGB + grown} GB, and it has ${datastore.freeGB} GB free; watch it`,
      ]
}
