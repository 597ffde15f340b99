import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'
import { findTwin } from './preflight/claims.ts'

/** A location and what is bound to it. */
type Binding =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly id: number
      /** Whether the location's firewall is on. */
      readonly firewall: boolean
      readonly clusters: readonly string[]
      readonly instances: readonly string[]
    }

const WHERE = 'Infrastructure > Internet & SaaS > Traffic Forwarding > Location Management'

const NO_FIREWALL =
  'the firewall of the location is off, so that the firewall filtering rule (step 6) has no effect there'

/** Binds a cluster, or a standalone instance, to a location, which it creates where it may. */
export const locationBinding = defineModule({
  name: 'zia/location-binding',
  summary: 'A Virtual Service Edge cluster or instance is bound to its location',
  connection: 'zia',
  params: z
    .strictObject({
      location: z.string().min(1).max(128).meta({ description: 'Name of the location, exactly' }),
      cluster: z.string().optional().meta({ description: 'Name of the cluster to bind' }),
      instance: z.string().optional().meta({ description: 'Name of the standalone instance to bind' }),
      create: z
        .strictObject({
          country: z.string().meta({ description: 'As the API writes it: UNITED_STATES' }),
          tz: z.string().meta({ description: 'As the API writes it: UNITED_STATES_AMERICA_LOS_ANGELES' }),
          state: z.string().optional().meta({ description: 'State or region' }),
          description: z.string().optional().meta({ description: 'Description of the location' }),
        })
        .optional()
        .meta({ description: 'Creates the location where it does not exist; otherwise that is a failure' }),
    })
    .refine(({ cluster, instance }) => (cluster === undefined) !== (instance === undefined), {
      message: 'name either a cluster or an instance',
    }),
  absent: { exists: false },

  async read(context): Promise<Binding> {
    const { connection, params } = context
    const found = await connection.find('locations', params.location)
    if (found === undefined) {
      if (params.create !== undefined) return { exists: false }
      const twin = findTwin(await connection.list('locations'), params.location)
      throw new ModuleError(`ZIA has no location “${params.location}”${also(twin)}`, {
        hint: `${twin === undefined ? '' : 'write it as ZIA does, or '}add it under ${WHERE}, or give the inventory’s location a \`create\` with country and tz`,
      })
    }
    // A tenant may have hundreds of both; most locations refer to none.
    const [clusters, instances] = await Promise.all([
      isFilled(found.virtualZenClusters) ? connection.list('virtualZenClusters') : [],
      isFilled(found.virtualZens) ? connection.list('virtualZenNodes') : [],
    ])
    const facts = {
      exists: true,
      id: found.id,
      firewall: found.ofwEnabled === true,
      clusters: namesOf(found.virtualZenClusters, clusters),
      instances: namesOf(found.virtualZens, instances),
    } as const
    if (isBound(facts, params) && !facts.firewall) context.warn(`${params.location}: ${NO_FIREWALL}`)
    return facts
  },

  diff(facts, params): readonly Change[] {
    const { location, create, cluster, instance } = params
    if (facts.exists && isBound(facts, params)) return []
    const [path, name] =
      cluster === undefined ? ['virtual service edges', instance] : ['virtual service edge clusters', cluster]
    const before = facts.exists ? (cluster === undefined ? facts.instances : facts.clusters) : undefined
    const binding: Change = { path, from: before, to: [...(before ?? []), name ?? ''].toSorted() }
    if (facts.exists) return [facts.firewall ? binding : { ...binding, note: NO_FIREWALL }]
    return [
      { path: 'location', to: location },
      { path: 'country', to: create?.country },
      { path: 'time zone', to: create?.tz },
      { path: 'firewall', to: true },
      binding,
    ]
  },

  async apply({ connection, params }) {
    const [kind, field] =
      params.cluster === undefined
        ? (['virtualZenNodes', 'virtualZens'] as const)
        : (['virtualZenClusters', 'virtualZenClusters'] as const)
    const name = params.cluster ?? params.instance ?? ''
    const found = await connection.find(kind, name)
    if (found === undefined) {
      throw new ModuleError(`the location ${params.location} cannot be bound: ZIA has no ${name}`, {
        hint: 'run the steps that add instances and cluster (1 and 4) first',
      })
    }
    const reference = { id: found.id, name }
    const { create } = params
    await connection.ensure('locations', params.location, (current) => {
      if (current === undefined) return { ...create, ofwEnabled: true, [field]: [reference] }
      if ((current.parentId ?? 0) !== 0) {
        throw new ModuleError(`“${params.location}” is a sublocation, and only locations are bound`, {
          hint: 'name its parent location in the inventory',
        })
      }
      const others = (current[field] ?? []).filter(({ id }) => id !== found.id)
      return { [field]: [...others, reference] }
    })
  },

  demands: ({ create }) => [
    editOf('locations', create === undefined ? { verb: 'PUT', seconds: 6.7 } : { seconds: 5.6 }),
  ],

  caution: STAGED,
})

const also = (twin: string | undefined): string =>
  twin === undefined ? '' : `, but “${twin}”, which ZIA takes for the same`

interface Named {
  readonly id: number
  readonly name?: string | null | undefined
}

/** What references point at, by name; whether they carry names themselves is up to the server. */
function namesOf(
  references: readonly Named[] | null | undefined,
  objects: readonly Named[],
): readonly string[] {
  const nameOf = new Map(objects.map(({ id, name }) => [id, name]))
  return (references ?? []).map(({ id, name }) => nameOf.get(id) ?? name ?? `id ${id}`).toSorted()
}

const isFilled = (references: readonly Named[] | null | undefined): boolean => (references ?? []).length > 0

interface Wanted {
  readonly cluster?: string | undefined
  readonly instance?: string | undefined
}

function isBound(facts: Extract<Binding, { exists: true }>, { cluster, instance }: Wanted): boolean {
  return cluster === undefined ? facts.instances.includes(instance ?? '') : facts.clusters.includes(cluster)
}
