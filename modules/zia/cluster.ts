import { z } from 'zod'

import { defineModule, ModuleError, type Change, type Json } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'

/** A cluster in the words of the Admin Portal. */
type Cluster =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly id: number
      readonly settings: Readonly<Record<string, string | null>>
      /** Names of its nodes, sorted. */
      readonly nodes: readonly string[]
    }

/** Adds a Virtual Service Edge cluster of instances that exist, or changes the one of this name. */
export const cluster = defineModule({
  name: 'zia/cluster',
  summary: 'A Virtual Service Edge cluster exists in ZIA, with exactly these nodes',
  connection: 'zia',
  params: z.strictObject({
    name: z.string().min(1).meta({ description: 'Name of the cluster, exactly' }),
    address: z.ipv4().meta({ description: 'Cluster IP address' }),
    subnetMask: z.ipv4().meta({ description: 'Subnet mask, dotted' }),
    gateway: z.ipv4().meta({ description: 'Default gateway IP address' }),
    nodes: z.array(z.string()).min(2).max(16).meta({ description: 'Names of its instances' }),
  }),
  absent: { exists: false },

  async read({ connection, params }): Promise<Cluster> {
    const found = await connection.find('virtualZenClusters', params.name)
    if (found === undefined) return { exists: false }
    const instances = await connection.list('virtualZenNodes')
    const nameOf = new Map(instances.map(({ id, name }) => [id, name]))
    const nodes = (found.virtualZenNodes ?? []).map(({ id, name }) => nameOf.get(id) ?? name ?? `id ${id}`)
    return {
      exists: true,
      id: found.id,
      settings: {
        'cluster IP': found.ipAddress ?? null,
        'subnet mask': found.subnetMask ?? null,
        'default gateway': found.defaultGateway ?? null,
        status: found.status ?? null,
      },
      nodes: nodes.toSorted(),
    }
  },

  diff(facts, params): readonly Change[] {
    const wanted: Readonly<Record<string, Json>> = {
      'cluster IP': params.address,
      'subnet mask': params.subnetMask,
      'default gateway': params.gateway,
      status: 'ENABLED',
    }
    const changes = Object.entries(wanted).flatMap(([path, to]): readonly Change[] => {
      const from = facts.exists ? (facts.settings[path] ?? undefined) : undefined
      return from === to ? [] : [{ path, from, to }]
    })
    const nodes = params.nodes.toSorted()
    const before = facts.exists ? facts.nodes : undefined
    if (before?.join('\n') !== nodes.join('\n')) changes.push({ path: 'nodes', from: before, to: nodes })
    return facts.exists ? changes : [{ path: 'cluster', to: params.name }, ...changes]
  },

  async apply({ connection, params, facts }) {
    const [instances, clusters] = await Promise.all([
      connection.list('virtualZenNodes'),
      connection.list('virtualZenClusters'),
    ])
    const virtualZenNodes = params.nodes.map((name) => {
      const found = instances.find((one) => one.name === name)
      if (found === undefined) {
        throw new ModuleError(
          `the cluster ${params.name} needs the instance ${name}, and ZIA has none of this name`,
          {
            hint: 'add the instances first: run the step “Add the Virtual Service Edge Instances” (1)',
          },
        )
      }
      const holder = clusters.find(
        (one) => one.name !== params.name && one.virtualZenNodes?.some(({ id }) => id === found.id),
      )
      if (holder !== undefined) {
        throw new ModuleError(`the instance ${name} is a node of the cluster ${holder.name} already`, {
          hint: `take it out of ${holder.name} in the Admin Portal, or correct the inventory`,
        })
      }
      return { id: found.id }
    })
    const fields = {
      name: params.name,
      status: 'ENABLED',
      ipAddress: params.address,
      subnetMask: params.subnetMask,
      defaultGateway: params.gateway,
      virtualZenNodes,
    }
    if (facts.exists) await connection.update('virtualZenClusters', facts.id, () => fields)
    else await connection.create('virtualZenClusters', { ...fields, type: 'VIP', ipSecEnabled: false })
  },

  demands: () => [editOf('virtualZenClusters', { seconds: 2.6 })],

  disruptive(changes, { name }) {
    const isNew = changes.some(({ path }) => path === 'cluster')
    return isNew ? undefined : `the cluster ${name}, which may carry traffic, changes in the cloud`
  },

  caution: STAGED,
})
