import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { findInstanceTies } from './ties/instance-ties.ts'
import { readEdges, readEdgesAfresh } from './ties/read-objects.ts'
import { refuseTies } from './ties/refuse.ts'
import { refuseRenamed } from './ties/renamed.ts'

/** The id of an instance that is still there. */
type Facts = { readonly id: number | null }

/** Deletes a Virtual Service Edge instance that is in no cluster and bound to no location any more. */
export const instanceAbsent = defineModule({
  name: 'zia/instance-absent',
  summary: 'A Virtual Service Edge instance is deleted in ZIA, and its licence free',
  connection: 'zia',
  params: z.strictObject({
    name: z.string().min(1).meta({ description: 'Name of the instance, exactly' }),
    proxy: z.ipv4().meta({ description: 'Its proxy IP address: another instance of the name is refused' }),
    cluster: z.string().optional().meta({ description: 'The cluster that it is taken out of beforehand' }),
    location: z.string().optional().meta({
      description: 'The location that it is detached from beforehand; nothing is deleted while it is not',
    }),
  }),
  absent: { id: null },

  async read({ connection, params }): Promise<Facts> {
    const edges = await readEdges(connection)
    refuseTies(findInstanceTies(edges, { ...params, address: params.proxy }), params.name)
    return { id: edges.virtualZenNodes.find(({ name }) => name === params.name)?.id ?? null }
  },

  diff: ({ id }, { name }): readonly Change[] => (id === null ? [] : [{ path: 'instance', from: name }]),

  async apply({ connection, params: { name, proxy }, facts: { id } }) {
    if (id === null) return
    await connection.remove('virtualZenNodes', id, async () => {
      const edges = await readEdgesAfresh(connection)
      refuseRenamed(edges.virtualZenNodes, { id, name })
      // Now nothing at all may hang on it any more.
      refuseTies(findInstanceTies(edges, { name, address: proxy }), name)
    })
  },

  demands: () => [editOf('virtualZenNodes', { verb: 'DELETE', seconds: 2.7 })],

  disruptive: (changes, { name }) =>
    changes.length === 0 ? undefined : `the instance ${name} is deleted, and its certificate worth nothing`,

  caution: STAGED,
})
