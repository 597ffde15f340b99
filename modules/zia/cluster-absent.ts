import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { findClusterTies } from './ties/cluster-ties.ts'
import { readEdges } from './ties/read-objects.ts'
import { refuseTies } from './ties/refuse.ts'

/** A cluster, where it is still there. */
type Facts = { readonly id: number | null; readonly nodes: number }

/** Empties a Virtual Service Edge cluster and deletes it. */
export const clusterAbsent = defineModule({
  name: 'zia/cluster-absent',
  summary: 'A Virtual Service Edge cluster is emptied and deleted in ZIA; its instances stay',
  connection: 'zia',
  params: z.strictObject({
    name: z.string().min(1).meta({ description: 'Name of the cluster, exactly' }),
    address: z.ipv4().meta({ description: 'Its cluster IP address: another cluster of the name is refused' }),
    nodes: z.array(z.string()).meta({ description: 'The nodes that it may have; others are refused' }),
    location: z.string().optional().meta({
      description: 'The location that it is detached from beforehand; nothing is deleted while it is not',
    }),
  }),
  absent: { id: null, nodes: 0 },

  async read({ connection, params }): Promise<Facts> {
    const edges = await readEdges(connection)
    refuseTies(findClusterTies(edges, params), params.name)
    const found = edges.virtualZenClusters.find(({ name }) => name === params.name)
    return { id: found?.id ?? null, nodes: found?.virtualZenNodes?.length ?? 0 }
  },

  diff({ id, nodes }, { name }): readonly Change[] {
    if (id === null) return []
    const emptied: Change[] = nodes === 0 ? [] : [{ path: 'nodes', from: nodes, to: 0 }]
    return [...emptied, { path: 'cluster', from: name }]
  },

  async apply({ connection, params, facts }) {
    if (facts.id === null) return
    const edges = await readEdges(connection)
    // Now nothing at all may hang on it any more.
    refuseTies(findClusterTies(edges, { ...params, location: undefined }), params.name)
    const known = new Set(
      edges.virtualZenNodes.filter(({ name }) => params.nodes.includes(name)).map(({ id }) => id),
    )
    if (facts.nodes > 0) {
      await connection.update('virtualZenClusters', facts.id, (current) => {
        // As it is at this moment: the list that was compared may be a minute old.
        const strangers = (current.virtualZenNodes ?? []).filter(({ id }) => !known.has(id))
        if (strangers.length === 0 && current.ipAddress === params.address) return { virtualZenNodes: [] }
        throw new ModuleError(`somebody changes the cluster ${params.name} right now`, {
          hint: 'find out who, and run the same command again',
        })
      })
    }
    await connection.remove('virtualZenClusters', facts.id)
  },

  disruptive: (changes, { name }) =>
    changes.length === 0 ? undefined : `the cluster ${name} is deleted, and nobody is served by it any more`,
})
