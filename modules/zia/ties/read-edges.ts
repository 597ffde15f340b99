import type { ZiaReader } from '#sdk'

import type { Edges } from './objects.ts'

/** Reads what is bound to what, from the shared lists. */
export async function readEdges(connection: ZiaReader): Promise<Edges> {
  const [virtualZenNodes, virtualZenClusters, locations] = await Promise.all([
    connection.list('virtualZenNodes'),
    connection.list('virtualZenClusters'),
    connection.list('locations'),
  ])
  return { virtualZenNodes, virtualZenClusters, locations }
}
