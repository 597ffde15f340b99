import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

/** What the tenant has bought of Virtual Service Edges, as it was read. */
type Licences = {
  readonly subscribed: boolean
  /** ISO date; nothing where the subscription has no end. */
  readonly ends: string | null
  readonly expired: boolean
  readonly bought: number
  /** Instances that exist and are not among the wanted ones. */
  readonly others: number
}

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
    const bought = subscriptions.find(({ id }) => id === 'V_SVC_EDGE')
    const end = typeof bought?.endDate === 'number' && bought.endDate > 0 ? bought.endDate * 1000 : undefined
    return {
      subscribed: bought?.subscribed === true,
      ends: end === undefined ? null : new Date(end).toISOString().slice(0, 10),
      expired: end !== undefined && end <= clock.now(),
      bought: bought?.licenses ?? 0,
      others: instances.filter(({ name }) => !params.nodes.includes(name)).length,
    }
  },

  diff(facts, { nodes }): readonly Change[] {
    if (!facts.subscribed) {
      const note = 'look at Administration > Subscriptions, or ask Zscaler for the subscription'
      return [{ path: 'subscription', from: 'none', to: 'Virtual Service Edge', note }]
    }
    const changes: Change[] = []
    if (facts.expired) {
      const note = 'the Virtual Service Edge subscription is over'
      changes.push({ path: 'subscription end', from: facts.ends, to: 'in the future', note })
    }
    const needed = facts.others + nodes.length
    if (needed > facts.bought) {
      const note = `${nodes.length} for this inventory and ${facts.others} in use by other instances`
      changes.push({ path: 'licences', from: facts.bought, to: needed, note })
    }
    return changes
  },
})
