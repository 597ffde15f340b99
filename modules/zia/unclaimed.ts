import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { clusterClaim, instanceClaim, ruleClaim } from './claim-params.ts'
import { findClaims } from './preflight/claims.ts'
import { findPending } from './preflight/pending.ts'
import { findLocationFaults, findRuleFaults } from './preflight/surroundings.ts'
import { readObjects } from './ties/read-objects.ts'

const params = z.strictObject({
  cluster: clusterClaim,
  instances: z
    .array(
      instanceClaim.extend({
        loadBalancer: z.ipv4().optional().meta({ description: 'Its LB IP address' }),
      }),
    )
    .min(1)
    .meta({ description: 'The instances' }),
  location: z
    .strictObject({
      name: z.string().min(1).meta({ description: 'Name of the location' }),
      create: z.boolean().meta({ description: 'Whether it is made where it is not there' }),
    })
    .meta({ description: 'The location that they are bound to' }),
  rule: ruleClaim,
  order: z.int().min(1).default(1).meta({ description: 'Where the rule is inserted, if it is new' }),
})

/** What stands in the way. */
type Facts = { readonly claims: readonly Change[] }

/** What of a cluster has yet to be made. */
function listMissing(
  { virtualZenNodes, virtualZenClusters, firewallFilteringRules }: Awaited<ReturnType<typeof readObjects>>,
  { cluster, instances, rule }: z.output<typeof params>,
): readonly string[] {
  const lacks = (names: readonly string[], there: readonly { readonly name: string }[]): readonly string[] =>
    names.filter((name) => !there.some((one) => one.name === name))
  return [
    ...lacks(
      instances.map(({ name }) => name),
      virtualZenNodes,
    ),
    ...lacks(cluster === undefined ? [] : [cluster.name], virtualZenClusters),
    ...lacks([rule], firewallFilteringRules),
  ]
}

/** Looks whether what a cluster is to be called and addressed by is free in ZIA, or its own, and reports all that is not at once. */
export const unclaimed = defineModule({
  name: 'zia/unclaimed',
  summary: 'The names and addresses of a cluster are free in ZIA, or its own, and its location is there',
  connection: 'zia',
  params,

  async read({ connection, params, warn }): Promise<Facts> {
    const [objects, pending] = await Promise.all([readObjects(connection), connection.pendingLately()])
    const location = objects.locations.find(({ name }) => name === params.location.name)
    if (location !== undefined && location.ofwEnabled !== true) {
      warn(
        `the firewall is off at the location ${params.location.name}: the firewall filtering rule has no effect there`,
      )
    }
    return {
      claims: [
        ...findClaims(objects, params),
        ...findLocationFaults(objects.locations, params.location),
        ...findRuleFaults(objects, { name: params.rule, order: params.order }),
        ...findPending(pending, listMissing(objects, params)),
      ],
    }
  },

  diff: ({ claims }): readonly Change[] => claims,

  hint: () => 'mend each of them, then look again: `runbook preflight` changes nothing',
})
