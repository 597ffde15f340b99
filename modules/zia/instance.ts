import { z } from 'zod'

import { defineModule, type Change, type Json } from '#sdk'

import { STAGED } from './caution.ts'
import { editOf } from './demand.ts'

/** An instance in the words of the Admin Portal. */
type Instance =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly id: number
      readonly settings: Readonly<Record<string, string | null>>
    }

const MODES = { cluster: 'CLUSTER', standalone: 'STANDALONE' } as const

/** Adds a Virtual Service Edge instance, or changes the one of this name. */
export const instance = defineModule({
  name: 'zia/instance',
  summary: 'A Virtual Service Edge instance exists in ZIA',
  connection: 'zia',
  params: z.strictObject({
    name: z.string().min(1).meta({ description: 'Name of the instance, exactly' }),
    proxy: z.ipv4().meta({ description: 'Proxy IP address' }),
    subnetMask: z.ipv4().meta({ description: 'Subnet mask, dotted' }),
    gateway: z.ipv4().meta({ description: 'Default gateway IP address' }),
    loadBalancer: z.ipv4().optional().meta({ description: 'LB IP address; in cluster mode only' }),
    mode: z.enum(['cluster', 'standalone']).meta({ description: 'Deployment mode' }),
    production: z
      .boolean()
      .default(true)
      .meta({ description: 'Deployment status: in production, or in trial and upgraded earlier' }),
  }),
  absent: { exists: false },

  async read({ connection, params }): Promise<Instance> {
    const found = await connection.find('virtualZenNodes', params.name)
    if (found === undefined) return { exists: false }
    return {
      exists: true,
      id: found.id,
      settings: {
        'proxy IP': found.ipAddress ?? null,
        'subnet mask': found.subnetMask ?? null,
        'default gateway': found.defaultGateway ?? null,
        'LB IP': found.loadBalancerIpAddress || null,
        'deployment mode': found.deploymentMode ?? null,
        'deployment status': found.inProduction === true ? 'In Production' : 'Trial',
        status: found.status ?? null,
      },
    }
  },

  diff(facts, params): readonly Change[] {
    const wanted: Readonly<Record<string, Json>> = {
      'proxy IP': params.proxy,
      'subnet mask': params.subnetMask,
      'default gateway': params.gateway,
      'LB IP': params.loadBalancer ?? null,
      'deployment mode': MODES[params.mode],
      'deployment status': params.production ? 'In Production' : 'Trial',
      status: 'ENABLED',
    }
    const settings = Object.entries(wanted).flatMap(([path, to]): readonly Change[] => {
      const from = facts.exists ? (facts.settings[path] ?? null) : null
      return from === to ? [] : [{ path, from: from ?? undefined, to: to ?? undefined }]
    })
    return facts.exists ? settings : [{ path: 'instance', to: params.name }, ...settings]
  },

  async apply({ connection, params, facts }) {
    const fields = {
      name: params.name,
      status: 'ENABLED',
      inProduction: params.production,
      ipAddress: params.proxy,
      subnetMask: params.subnetMask,
      defaultGateway: params.gateway,
      deploymentMode: MODES[params.mode],
      loadBalancerIpAddress: params.loadBalancer,
    }
    if (facts.exists) await connection.update('virtualZenNodes', facts.id, () => fields)
    else await connection.create('virtualZenNodes', fields)
  },

  demands: () => [editOf('virtualZenNodes', { seconds: 2.6 })],

  disruptive(changes, { name }) {
    const isNew = changes.some(({ path }) => path === 'instance')
    return isNew
      ? undefined
      : `the running Virtual Service Edge ${name} gets new addresses or settings from the cloud`
  },

  caution: STAGED,
})
