import type { Change } from '#sdk'

import { isAnother } from './another.ts'
import { refersTo, type Edges } from './objects.ts'

/** A cluster to be removed. */
interface Cluster {
  readonly name: string
  /** Its cluster IP address. */
  readonly address: string
  /** The nodes that it may have. */
  readonly nodes: readonly string[]
  /** The location that may still be bound to it. */
  readonly location?: string | undefined
}

/** Why a cluster cannot be removed; nothing where it can, or is gone. */
export function findClusterTies(
  { virtualZenNodes, virtualZenClusters, locations }: Edges,
  { name, address, nodes, location }: Cluster,
): readonly Change[] {
  const found = virtualZenClusters.find((one) => one.name === name)
  if (found === undefined) return []
  const path = `cluster ${name}`
  if (found.ipAddress !== address) return [isAnother(`${path} › cluster IP`, found.ipAddress, address)]
  const nameOf = new Map(virtualZenNodes.map((one) => [one.id, one.name]))
  const strangers = (found.virtualZenNodes ?? [])
    .map((node) => nameOf.get(node.id) ?? node.name ?? `id ${node.id}`)
    .filter((node) => !nodes.includes(node))
  const bound = locations.filter((one) => one.name !== location && refersTo(one.virtualZenClusters, found.id))
  return [
    ...(strangers.length === 0
      ? []
      : [
          {
            path: `${path} › nodes`,
            from: strangers,
            note: 'the inventory has no such node: take it out of the cluster, or add it to the inventory',
          },
        ]),
    ...bound.map((one) => ({
      path,
      from: `bound to the location ${one.name}`,
      note: 'its users would lose their Service Edges: bind the location to others first',
    })),
  ]
}
