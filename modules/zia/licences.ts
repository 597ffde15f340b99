import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { diffLicences, selectLicences, type Licences } from './preflight/licences.ts'

/** Checks that the tenant has a licence for every instance, the ones that exist already included. */
export const licences = defineModule({
  name: 'zia/licences',
  summary: 'Enough Virtual Service Edge licences are subscribed',
  connection: 'zia',
  params: z.strictObject({
    nodes: z.array(z.string()).min(1).meta({ description: 'Names of the instances that need a licence' }),
  }),

  async read({ connection, params, clock }): Promise<Licences> {
    const [subscriptions, instances] = await Promise.all([
      connection.subscriptions(),
      connection.list('virtualZenNodes'),
    ])
    const others = instances.filter(({ name }) => !params.nodes.includes(name)).length
    return selectLicences(subscriptions, { now: clock.now(), others })
  },

  diff: (facts, { nodes }): readonly Change[] => diffLicences(facts, nodes.length),

  hint: () =>
    'subscribe to more licences, or take nodes out of the inventory, and run the same command again',
})
