import type { Change } from '#sdk'

import type { Facts, HostFacts } from './facts.ts'
import type { Node, Params } from './params.ts'

/** GB that a host needs free for a NITROX card, beside the memory of the machine that has it. */
const CARD_GB = 8

/** GB that a thin disk of a fresh machine takes at least, with its image unpacked. */
const IMAGE_GB = 20

const needOf = ({ memoryGB, nitrox }: Node): number => memoryGB + (nitrox ? CARD_GB : 0)

/** The machines that do not run yet: only they still need memory of a host. */
export function selectStarting({ machines }: Facts, { nodes }: Params): readonly Node[] {
  const running = new Set(machines.filter(({ here, on }) => here && on).map(({ name }) => name))
  return nodes.filter(({ name }) => !running.has(name))
}

/** Whether a host can run a machine at all. */
export function canRun({ ready, hasDatastore }: HostFacts): boolean {
  return ready && hasDatastore
}

/**
 * Puts each machine on the host where it leaves the least room, the largest first: the machines that no host has room for.
 * Those that are bound to a host come first.
 */
export function selectHomeless(hosts: readonly HostFacts[], nodes: readonly Node[]): readonly Node[] {
  const free = new Map(hosts.filter(canRun).map(({ name, freeGB }) => [name, freeGB]))
  const order = nodes.toSorted(
    (a, b) => Number(b.host !== undefined) - Number(a.host !== undefined) || needOf(b) - needOf(a),
  )
  return order.filter((node) => {
    const need = needOf(node)
    const candidates = [...free].filter(
      ([name, room]) => room >= need && (node.host === undefined || node.host === name),
    )
    const [best] = candidates.toSorted(([, a], [, b]) => a - b)
    if (best === undefined) return true
    free.set(best[0], best[1] - need)
    return false
  })
}

/** Memory that the hosts lack, an entry for each host that machines are bound to, and one for all others together. */
export function diffMemory(facts: Facts, params: Params): readonly Change[] {
  // A host that is missing or cannot be used is told of elsewhere.
  const usable = facts.hosts.filter(canRun)
  const starting = selectStarting(facts, params).filter(
    ({ host }) => host === undefined || usable.some(({ name }) => name === host),
  )
  if (usable.length === 0) return []
  const homeless = selectHomeless(usable, starting)
  const places = [...new Set(homeless.map(({ host }) => host))]
  return places.map((place): Change => {
    const mine = homeless.filter(({ host }) => host === place)
    const free = usable
      .filter(({ name }) => place === undefined || name === place)
      .map(({ name, freeGB }) => (place === undefined ? `${name} ${freeGB}` : `${freeGB}`))
    return {
      path: `free memory of ${place ?? params.computeCluster ?? params.datacenter} (GB)`,
      from: free.join(', '),
      to: mine
        .map((node) => `${needOf(node)} for ${node.name}${node.nitrox ? ' with its card' : ''}`)
        .join(', '),
      note: `no host has that free beside the others; ${place === undefined ? 'add memory or hosts, or move other machines away' : 'move other machines away from it, or place the node elsewhere'}`,
    }
  })
}

/** Space that the datastore lacks. A thin disk needs little at first; the swap file of a machine needs its memory at once. */
export function diffSpace(facts: Facts, params: Params): readonly Change[] {
  const { datastore, machines } = facts
  if (datastore === null) return []
  const path = `datastore ${params.datastore}`
  if (!datastore.accessible) {
    return [{ path, from: 'inaccessible', to: 'accessible', note: 'look at the storage of its hosts' }]
  }
  const needed = spaceOf(facts, params)
  if (needed <= datastore.freeGB) return []
  const absent = params.nodes.filter(
    ({ name }) => !machines.some((machine) => machine.here && machine.name === name),
  )
  return [
    {
      path: `free space on ${params.datastore} (GB)`,
      from: datastore.freeGB,
      to: needed,
      note: `for ${absent.length} ${params.thin ? 'thin' : 'thick'} disks, and swap files as large as the memory; free space, or name another datastore`,
    },
  ]
}

function spaceOf(facts: Facts, { nodes, thin }: Params): number {
  const there = new Map(facts.machines.filter(({ here }) => here).map((machine) => [machine.name, machine]))
  return nodes.reduce((sum, { name, diskGB, memoryGB, nitrox }) => {
    const machine = there.get(name)
    const disk = machine === undefined ? (thin ? Math.min(IMAGE_GB, diskGB) : diskGB) : 0
    // Memory that is reserved needs no swap file.
    const swap = machine?.on === true || nitrox ? 0 : memoryGB
    return sum + disk + swap
  }, 0)
}

/** What the thin disks of new machines may come to, where the datastore would not hold it. */
export function noteOvercommitment(
  facts: Facts,
  { nodes, thin, datastore: name }: Params,
): readonly string[] {
  const { datastore, machines } = facts
  const absent = nodes.filter(
    (node) => !machines.some((machine) => machine.here && machine.name === node.name),
  )
  if (datastore === null || !thin || absent.length === 0) return []
  const grown = absent.reduce((sum, { diskGB }) => sum + diskGB, 0)
  const left = datastore.freeGB - datastore.promisedGB
  return grown <= left
    ? []
    : [
        `${name} is overcommitted: its thin disks may grow by ${datastore.promisedGB + grown} GB, and it has ${datastore.freeGB} GB free; watch it`,
      ]
}
