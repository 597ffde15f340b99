import type { ZiaReader } from '#sdk'

import type { Edges, Objects } from './objects.ts'

/** Reads what is bound to what, from the shared lists. */
export function readEdges(connection: ZiaReader): Promise<Edges> {
  return readAll((kind) => connection.list(kind))
}

/** Reads what is bound to what as it is at this moment: a shared list may be a minute old, and what is deleted does not come back. */
export function readEdgesAfresh(connection: ZiaReader): Promise<Edges> {
  return readAll((kind) => connection.listAfresh(kind))
}

async function readAll(list: <K extends keyof Edges>(kind: K) => Promise<Edges[K]>): Promise<Edges> {
  const [virtualZenNodes, virtualZenClusters, locations] = await Promise.all([
    list('virtualZenNodes'),
    list('virtualZenClusters'),
    list('locations'),
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
