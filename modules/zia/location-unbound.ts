import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { isAnother } from './ties/another.ts'
import { refersTo } from './ties/objects.ts'
import { refuseTies } from './ties/refuse.ts'
import { refuseRenamed } from './ties/renamed.ts'

/** A location and what is bound to it, where ours is. */
type Facts = {
  /** The location's id and that of what is to be detached; null where nothing is. */
  readonly bound: null | { readonly location: number; readonly id: number }
  /** Names, or ids where there is none, of all that is bound. */
  readonly before: readonly string[]
}

const kindOf = ({ cluster }: { readonly cluster?: string | undefined }) =>
  cluster === undefined
    ? ({ kind: 'virtualZenNodes', field: 'virtualZens', path: 'virtual service edges' } as const)
    : ({
        kind: 'virtualZenClusters',
        field: 'virtualZenClusters',
        path: 'virtual service edge clusters',
      } as const)

/** Detaches a cluster, or a standalone instance, from its location. Everything else of the location stays as it is. */
export const locationUnbound = defineModule({
  name: 'zia/location-unbound',
  summary: 'A Virtual Service Edge cluster or instance is detached from its location, which stays',
  connection: 'zia',
  params: z
    .strictObject({
      location: z.string().min(1).max(128).meta({ description: 'Name of the location, exactly' }),
      cluster: z.string().optional().meta({ description: 'Name of the cluster to detach' }),
      instance: z.string().optional().meta({ description: 'Name of the standalone instance to detach' }),
      address: z.ipv4().meta({ description: 'Its cluster, or proxy, IP address: another one is refused' }),
    })
    .refine(({ cluster, instance }) => (cluster === undefined) !== (instance === undefined), {
      message: 'name either a cluster or an instance',
    }),
  absent: { bound: null, before: [] },

  async read({ connection, params }): Promise<Facts> {
    const { kind, field } = kindOf(params)
    const name = params.cluster ?? params.instance ?? ''
    const [location, objects] = await Promise.all([
      connection.find('locations', params.location),
      connection.list(kind),
    ])
    const ours = objects.find((one) => one.name === name)
    if (location === undefined || ours === undefined) return { bound: null, before: [] }
    const references = location[field] ?? []
    if (!refersTo(references, ours.id)) return { bound: null, before: [] }
    if (ours.ipAddress !== params.address)
      refuseTies([isAnother(`${name} › IP`, ours.ipAddress, params.address)], name)
    const nameOf = new Map(objects.map((one) => [one.id, one.name]))
    const before = references.map(({ id, name: called }) => nameOf.get(id) ?? called ?? `id ${id}`)
    return { bound: { location: location.id, id: ours.id }, before: before.toSorted() }
  },

  diff({ bound, before }, params): readonly Change[] {
    if (bound === null) return []
    const to = before.filter((name) => name !== (params.cluster ?? params.instance))
    return [{ path: kindOf(params).path, from: before, to }]
  },

  async apply({ connection, params, facts: { bound } }) {
    if (bound === null) return
    const { kind, field } = kindOf(params)
    const name = params.cluster ?? params.instance ?? ''
    const objects = await connection.listAfresh(kind)
    refuseRenamed(objects, { id: bound.id, name })
    const address = objects.find(({ id }) => id === bound.id)?.ipAddress
    if (address !== undefined && address !== params.address)
      refuseTies([isAnother(`${name} › IP`, address, params.address)], name)
    await connection.update('locations', bound.location, (current) => ({
      [field]: (current[field] ?? []).filter(({ id }) => id !== bound.id),
    }))
  },

  demands: () => [editOf('locations', { verb: 'PUT', seconds: 6.7 })],

  disruptive: (changes, { location, cluster, instance }) =>
    changes.length === 0
      ? undefined
      : `the traffic of the location ${location} by way of ${cluster ?? instance ?? ''} loses its policies`,

  caution: STAGED,
})
