import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { findLocationTies } from './ties/location-ties.ts'
import { readEdges, readEdgesAfresh } from './ties/read-objects.ts'
import { refuseTies } from './ties/refuse.ts'
import { refuseRenamed } from './ties/renamed.ts'

/** The id of a location that is still there, and what of the inventory is still bound to it. */
type Facts = { readonly id: number | null; readonly bound: readonly string[] }

/**
 * Deletes a location that nothing hangs on any more. Policies and reports may refer to it, and sublocations go with it, so that
 * this is never part of something else: it has to be asked for.
 */
export const locationAbsent = defineModule({
  name: 'zia/location-absent',
  summary: 'A location that was made for Virtual Service Edges, and has nothing else, is deleted in ZIA',
  connection: 'zia',
  params: z.strictObject({
    name: z.string().min(1).max(128).meta({ description: 'Name of the location, exactly' }),
    clusters: z.array(z.string()).meta({
      description: 'Clusters that may be bound to it: it is deleted when the last one of them is detached',
    }),
    instances: z.array(z.string()).meta({ description: 'Standalone instances that may be bound to it' }),
  }),
  absent: { id: null, bound: [] },

  async read({ connection, params, warn }): Promise<Facts> {
    const edges = await readEdges(connection)
    refuseTies(findLocationTies(edges, params), `the location ${params.name}`)
    const found = edges.locations.find(({ name }) => name === params.name)
    if (found === undefined) return { id: null, bound: [] }
    const bound = findLocationTies(edges, { name: params.name, clusters: [], instances: [] })
    if (bound.length > 0) warn(`the location ${params.name} stays: others of the inventory are bound to it`)
    return { id: found.id, bound: bound.map(({ path }) => path) }
  },

  diff: ({ id, bound }, { name }): readonly Change[] =>
    id === null || bound.length > 0 ? [] : [{ path: 'location', from: name }],

  async apply({ connection, params: { name }, facts: { id } }) {
    if (id === null) return
    await connection.remove('locations', id, async () => {
      const edges = await readEdgesAfresh(connection)
      refuseRenamed(edges.locations, { id, name })
      refuseTies(findLocationTies(edges, { name, clusters: [], instances: [] }), `the location ${name}`)
    })
  },

  demands: () => [editOf('locations', { verb: 'DELETE', seconds: 6.4 })],

  disruptive: (changes, { name }) =>
    changes.length === 0 ? undefined : `the location ${name} is deleted, and what refers to it with it`,

  caution: STAGED,
})
