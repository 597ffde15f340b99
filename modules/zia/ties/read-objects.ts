import type { ZiaReader } from '#sdk'

import type { Edges, Objects } from './objects.ts'

/** Reads what is bound to what, from the shared lists. */
export async function readEdges(connection: ZiaReader): Promise<Edges> {
  const [virtualZenNodes, virtualZenClusters, locations] = await Promise.all([
    connection.list('virtualZenNodes'),
    connection.list('virtualZenClusters'),
    connection.list('locations'),
  ])
  return { virtualZenNodes, virtualZenClusters, locations }
}

/** Reads every object that a deployment makes one of, from the shared lists. */
export async function readObjects(connection: ZiaReader): Promise<Objects> {
  const [edges, firewallFilteringRules, ipSourceGroups] = await Promise.all([
    readEdges(connection),
    connection.list('firewallFilteringRules'),
    connection.list('ipSourceGroups'),
  ])
  return { ...edges, firewallFilteringRules, ipSourceGroups }
}
