import type { Change } from '#sdk'

import { isAnother } from './another.ts'
import { refersTo, type Edges } from './objects.ts'

/** An instance to be removed. */
interface Instance {
  readonly name: string
  /** Its proxy IP address. */
  readonly address: string
  /** The cluster that it may still be a node of. */
  readonly cluster?: string | undefined
  /** The location that may still be bound to it. */
  readonly location?: string | undefined
}

/** Why an instance cannot be removed; nothing where it can, or is gone. */
export function findInstanceTies(
  { virtualZenNodes, virtualZenClusters, locations }: Edges,
  { name, address, cluster, location }: Instance,
): readonly Change[] {
  const found = virtualZenNodes.find((one) => one.name === name)
  if (found === undefined) return []
  const path = `instance ${name}`
  if (found.ipAddress !== address) return [isAnother(`${path} › proxy IP`, found.ipAddress, address)]
  const holders = virtualZenClusters.filter(
    (one) => one.name !== cluster && refersTo(one.virtualZenNodes, found.id),
  )
  const bound = locations.filter((one) => one.name !== location && refersTo(one.virtualZens, found.id))
  return [
    ...holders.map((holder) => ({
      path,
      from: `a node of the cluster ${holder.name}`,
      note: `take it out of ${holder.name} first`,
    })),
    ...bound.map((one) => ({
      path,
      from: `bound to the location ${one.name}`,
      note: 'detach it there first',
    })),
  ]
}
