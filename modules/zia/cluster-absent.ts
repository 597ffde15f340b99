import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { findClusterTies } from './ties/cluster-ties.ts'
import type { Edges } from './ties/objects.ts'
import { readEdges, readEdgesAfresh } from './ties/read-objects.ts'
import { refuseTies } from './ties/refuse.ts'
import { refuseRenamed } from './ties/renamed.ts'

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

  async apply({ connection, params, facts: { id } }) {
    if (id === null) return
    const { name, address } = params
    const look = async (): Promise<Edges> => {
      const edges = await readEdgesAfresh(connection)
      refuseRenamed(edges.virtualZenClusters, { id, name })
      // Now nothing at all may hang on it any more.
      refuseTies(findClusterTies(edges, { ...params, location: undefined }), name)
      return edges
    }
    const { virtualZenNodes, virtualZenClusters } = await look()
    const found = virtualZenClusters.find((one) => one.id === id)
    if ((found?.virtualZenNodes ?? []).length > 0) {
      const known = new Set(
        virtualZenNodes.filter((one) => params.nodes.includes(one.name)).map((one) => one.id),
      )
      await connection.update('virtualZenClusters', id, (current) => {
        // As it is when it is sent: there may have been a wait since that look.
        const strangers = (current.virtualZenNodes ?? []).filter((one) => !known.has(one.id))
        const isOurs = current.name === name && current.ipAddress === address
        if (strangers.length === 0 && isOurs) return { virtualZenNodes: [] }
        throw new ModuleError(`somebody changes the cluster ${name} right now`, {
          hint: 'find out who, and run the same command again',
        })
      })
    }
    await connection.remove('virtualZenClusters', id, async () => void (await look()))
  },

  demands: () => [
    editOf('virtualZenClusters', { verb: 'PUT', seconds: 3 }),
    editOf('virtualZenClusters', { verb: 'DELETE', seconds: 2.7 }),
  ],

  disruptive: (changes, { name }) =>
    changes.length === 0 ? undefined : `the cluster ${name} is deleted, and nobody is served by it any more`,

  caution: STAGED,
})
